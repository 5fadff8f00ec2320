// What optimizers with L2 weight decay follow: with g' the clipped gradient (`clip.ts`),
//
//   d = g' + decay theta .
import type { Builder } from '../builder.js';
import type { Value } from '../ir.js';
import { clipByNorm } from './clip.js';
import type { OptimizerInputs } from './optimizer.js';

export interface DirectionOptions {
  readonly weightDecay: number;
  /** Largest norm of the gradient; no clipping when absent. */
  readonly clipNorm?: number;
}

export interface Direction {
  /** d, f32[P]. */
  readonly direction: Value;
  /** Of the gradient before clipping, f32[]. */
  readonly norm: Value;
}

export function decayedGradient(
  g: Builder,
  { parameters, gradient }: Pick<OptimizerInputs<never>, 'parameters' | 'gradient'>,
  { weightDecay, clipNorm }: DirectionOptions,
): Direction {
  const clipped = clipByNorm(g, gradient, clipNorm);
  return {
    direction: g.add(clipped.gradient, g.mul(parameters, g.scalar(weightDecay))),
    norm: clipped.norm,
  };
}
