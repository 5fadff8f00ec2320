// The programs of a derived network of a single cell: its training step and its evaluation, traced from one definition, and the
// network by itself, for what it costs.
import { Builder } from '../../../graphs/builder.js';
import { cost } from '../../../graphs/cost.js';
import type { Output } from '../../../graphs/ir.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { prune } from '../../../graphs/passes/prune.js';
import type { OneCellGenotype } from '../../spaces/one-cell.js';
import { childReports } from '../child-programs.js';
import { type InferenceGraph, perExample, slotWeights, weightTotal } from '../inference-graph.js';
import { buildStep, type Step, type TracedLoss } from '../step.js';
import { derivedOneCell } from './derived.js';
import type { OneCellSizes } from './network.js';

export interface OneCellChild extends OneCellSizes {
  readonly genotype: OneCellGenotype;
  readonly batch: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
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

/** `images` f32[1,C,H,W] -> `logits` f32[1,classes], and what it costs. @throws GenonnxError as `derivedOneCell`. */
export function oneCellInference({ image, ...network }: Omit<OneCellChild, 'batch'>): InferenceGraph {
  const g = new Builder();
  const images = g.input('images', [1, image.channels, image.height, image.width]);
  const logits = derivedOneCell(g, images, { ...network, training: false });
  const weights = slotWeights(g);
  const graph = prune(g.build([{ name: 'logits', value: logits }]));
  return {
    graph,
    weights,
    cost: perExample(cost(graph), 1),
    parameters: weightTotal(weights.filter(({ trainable }) => trainable)),
    auxiliaryParameters: 0,
  };
}
