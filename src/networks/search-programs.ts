// The programs of a search: the weight step, the architecture step, the joint step and the evaluation. They are traced
// from one definition of a supernet with its loss, and share one state.
import type { Value } from '../../graphs/ir.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { buildStep, networkState, type Step, type StepState, stateWith, type TracedLoss } from './step.js';

/** `all`: the exact straight-through gradient of every code entry; `active`: of the entries that ran. */
export type GradientRoute = 'all' | 'active';

/** Whose steps carry on apart from those of the weights: what an evaluation carries is its own, and so is what the alphas' do. */
export const searchStreams = { alphas: 'alphas', evaluation: 'evaluation' } as const;

export interface TracedSupernet extends TracedLoss {
  /** The input `code`, f32[entries]; beside it the supernet takes `forwardGates` and `backwardGates`, bool[entries]. */
  readonly code: Value;
  /** By what the alphas are judged, where that is not the whole loss: penalties on the weights say nothing of a code. */
  readonly judgement?: Value;
  /** Whether running statistics stay as they are in steps of the alphas; in DARTS's they move. */
  readonly freezesStatistics?: boolean;
}

/** Traces the supernet anew, in training or with the running statistics. */
export type SupernetTracer = (training: boolean, route: GradientRoute) => TracedSupernet;

/** Weights and dL/dcode from the same batch: DATA's joint optimisation, and what `bench step` times. */
export function jointStep(
  supernet: SupernetTracer,
  optimizer: Optimizer,
  route: GradientRoute,
  reportGradient = false,
): Step {
  const traced = supernet(true, route);
  return buildStep(traced, {
    name: 'joint-step',
    optimizer,
    gradientsOf: [traced.code],
    movesStatistics: true,
    reportGradient,
  });
}

/** Weights only, under a given code. */
export function weightStep(supernet: SupernetTracer, optimizer: Optimizer): Step {
  const traced = supernet(true, 'active');
  return buildStep(traced, { name: 'weight-step', optimizer, movesStatistics: true });
}

/** dL/dcode only. The batch's own statistics normalise and, unless they are frozen, the running ones move. */
export function architectureStep(supernet: SupernetTracer, route: GradientRoute): Step {
  const traced = supernet(true, route);
  return buildStep(judged(traced), {
    name: 'architecture-step',
    gradientsOf: [traced.code],
    movesStatistics: traced.freezesStatistics !== true,
    stream: searchStreams.alphas,
  });
}

/** The gradients of weights (`gradient`) and of the code, of a batch by its own statistics; nothing else moves. */
export function gradients(supernet: SupernetTracer): Step {
  const traced = supernet(true, 'active');
  return buildStep(judged(traced), {
    name: 'gradients',
    gradientsOf: [traced.code],
    reportGradient: true,
    movesStatistics: false,
  });
}

function judged({ judgement, ...traced }: TracedSupernet): TracedLoss {
  return judgement === undefined ? traced : { ...traced, loss: judgement };
}

/** Loss and reports under a given code, with the running statistics. */
export function evaluation(supernet: SupernetTracer): Step {
  const stream = searchStreams.evaluation;
  return buildStep(supernet(false, 'active'), { name: 'evaluation', movesStatistics: false, stream });
}

/** The state that all programs of a search share. */
export function searchState(supernet: SupernetTracer, optimizer: Optimizer): StepState {
  const training = supernet(true, 'active');
  return stateWith(optimizer, {
    ...networkState(training),
    ...networkState(training, searchStreams.alphas),
    ...networkState(supernet(false, 'active'), searchStreams.evaluation),
  });
}
