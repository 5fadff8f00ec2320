// The programs of a derived network of a single cell: its training step and its evaluation, traced from one definition.
import { Builder } from '../../../graphs/builder.js';
import type { Output } from '../../../graphs/ir.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { childReports } from '../child-programs.js';
import { buildStep, type Step, type TracedLoss } from '../step.js';
import { derivedOneCell } from './derived.js';
import type { OneCellArchitecture } from './inference.js';

export interface OneCellChild extends OneCellArchitecture {
  readonly batch: number;
}

/** Takes `images`, `labels` i64[N] and `weights` f32[N]; reports `correct` and `logits`, and what was taken for what in a test. */
function traceChild(network: OneCellChild, training: boolean, labelSmoothing: number): TracedLoss {
  const { batch, image } = network;
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const labels = g.input('labels', [batch], 'int64');
  const weights = g.input('weights', [batch]);
  const logits = derivedOneCell(g, images, { ...network, training });
  const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing });
  const answers = [logits, labels, weights];
  const reports: Output[] = [
    { name: childReports.correct, value: g.one('correctCount', answers, { top: 1 }) },
    { name: 'logits', value: logits },
  ];
  if (!training) reports.push({ name: childReports.confusion, value: g.one('confusionCount', answers, {}) });
  return { g, loss, reports };
}

export function oneCellStep(network: OneCellChild, optimizer: Optimizer, labelSmoothing: number): Step {
  return buildStep(traceChild(network, true, labelSmoothing), {
    name: 'one-cell-step',
    optimizer,
    movesStatistics: true,
  });
}

/** Cross entropy without smoothing, right answers, confusions and logits, with the running statistics. */
export function oneCellEvaluation(network: OneCellChild): Step {
  return buildStep(traceChild(network, false, 0), { name: 'one-cell-evaluation', movesStatistics: false });
}
