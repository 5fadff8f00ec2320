// The supernet's programs: the weight step, the architecture step, the joint step and the evaluation. They are traced
// from one definition and share one state.
import { Builder } from '../../graphs/builder.js';
import type { SgdOptions } from '../../graphs/optimizers/sgd.js';
import type { CellSpace } from '../spaces/search-space.js';
import { buildStep, type Step, type TracedLoss } from './step.js';
import { codeSize, supernet } from './supernet.js';

export interface SearchNetwork {
  readonly space: CellSpace;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly batch: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

/** `all`: the exact straight-through gradient of every code entry; `active`: of the entries that ran. */
export type GradientRoute = 'all' | 'active';

interface Trace extends TracedLoss {
  readonly code: ReturnType<Builder['input']>;
}

function traceSearch(network: SearchNetwork, training: boolean, route: GradientRoute): Trace {
  const { batch, image, space, cells, initChannels, classes } = network;
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const labels = g.input('labels', [batch], 'int64');
  const weights = g.input('weights', [batch]);
  const entries = codeSize(space);
  const code = g.input('code', [entries]);
  const forwardGates = g.input('forwardGates', [entries], 'bool');
  const backwardGates = g.input('backwardGates', [entries], 'bool');
  const logits = supernet(
    g,
    { images, code, forwardGates, backwardGates },
    { space, cells, initChannels, classes, training, route: route === 'all' ? 'exact' : 'active' },
  );
  const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 });
  const correct = g.one('correctCount', [logits, labels, weights], {});
  const reports = [
    { name: 'correct', value: correct },
    { name: 'logits', value: logits },
  ];
  return { g, loss, reports, code };
}

/** Weights and dL/dcode from the same batch: DATA's joint optimisation, and what `bench step` times. */
export function jointStep(
  network: SearchNetwork,
  sgd: SgdOptions,
  route: GradientRoute,
  reportGradient = false,
): Step {
  const traced = traceSearch(network, true, route);
  return buildStep(traced, {
    name: 'joint-step',
    sgd,
    gradientsOf: [traced.code],
    movesStatistics: true,
    reportGradient,
  });
}

/** Weights only, under a given code. */
export function weightStep(network: SearchNetwork, sgd: SgdOptions): Step {
  return buildStep(traceSearch(network, true, 'active'), { name: 'weight-step', sgd, movesStatistics: true });
}

/** dL/dcode only. As in DARTS, the batch's own statistics normalise and the running ones move. */
export function architectureStep(network: SearchNetwork, route: GradientRoute): Step {
  const traced = traceSearch(network, true, route);
  return buildStep(traced, { name: 'architecture-step', gradientsOf: [traced.code], movesStatistics: true });
}

/** The gradients of weights (`gradient`) and of the code, of a batch by its own statistics; nothing moves. */
export function gradients(network: SearchNetwork): Step {
  const traced = traceSearch(network, true, 'active');
  return buildStep(traced, {
    name: 'gradients',
    gradientsOf: [traced.code],
    reportGradient: true,
    movesStatistics: false,
  });
}

/** Loss and accuracy under a given code, with the running statistics. */
export function evaluation(network: SearchNetwork): Step {
  return buildStep(traceSearch(network, false, 'active'), { name: 'evaluation', movesStatistics: false });
}
