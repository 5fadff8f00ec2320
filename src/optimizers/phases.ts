// Optimizers that follow each other in one training. Averaged SGD is worth its while once SGD stops improving: the validation
// loss says when (Merity et al., "Regularizing and Optimizing LSTM Language Models", 2018, Alg. 1).
import { optimizers } from '../../graphs/optimizers/index.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { optimizerOf, type WeightSettings } from './weight-settings.js';

export interface Phase {
  readonly optimizer: Optimizer;
  /** How long the held-out loss may stall before the next phase begins; absent in the last one. */
  readonly patience?: number;
}

/** In their order. */
export type Phases = readonly [Phase, ...Phase[]];

/** The optimizers that the settings name. */
export function phasesOf(weights: WeightSettings): Phases {
  const last = { optimizer: optimizerOf(weights) };
  if (weights.optimizer !== 'asgd' || weights.patience === undefined) return [last];
  const { patience, ...options } = weights;
  return [{ optimizer: optimizers.sgd({ ...options, momentum: 0 }), patience }, last];
}

/**
 * Whether the held-out losses of the epochs so far have stalled with the `next` one: it is above the least of all but the last
 * `patience` of them. Only more losses than that can stall.
 */
export function stalls(losses: readonly number[], next: number, patience: number): boolean {
  return losses.length > patience && next > Math.min(...losses.slice(0, losses.length - patience));
}
