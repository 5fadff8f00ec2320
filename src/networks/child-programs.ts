// The programs of a derived network: its training step and its evaluation, traced from one definition, sharing one state.
import { Builder } from '../../graphs/builder.js';
import type { Output } from '../../graphs/ir.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { droppedPathCount } from './drop-path.js';
import { evaluationNetwork, type NetworkName } from './evaluation.js';
import { buildStep, type Step, type TracedLoss } from './step.js';

export interface ChildNetwork {
  readonly name: NetworkName;
  readonly genotype: ConvolutionalGenotype;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly batch: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  readonly auxiliary: boolean;
}

export interface ChildLoss {
  readonly labelSmoothing: number;
  /** Weight of the auxiliary head's loss. */
  readonly auxiliaryWeight: number;
  /** Whether paths are dropped: the step then takes `dropMasks`, f32[droppedPathCount, N]. */
  readonly dropPath: boolean;
}

/** What the programs report: right answers, labels among the largest logits, and which class is taken for which. */
export const childReports = {
  correct: 'correct',
  amongLargest: 'correctTop5',
  confusion: 'confusion',
} as const;

/** Among how many of the largest logits; with no more classes than that there is no such report. */
export const LARGEST = 5;

function traceChild(
  network: ChildNetwork,
  training: boolean,
  { labelSmoothing, auxiliaryWeight, dropPath }: ChildLoss,
): TracedLoss {
  const { batch, image, genotype, cells, classes } = network;
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const labels = g.input('labels', [batch], 'int64');
  const weights = g.input('weights', [batch]);
  const masks =
    training && dropPath ? g.input('dropMasks', [droppedPathCount(genotype, cells), batch]) : undefined;
  // The head is traced when evaluating too, so that both programs lay their parameters out alike.
  const { logits, auxiliaryLogits } = evaluationNetwork(g, images, { ...network, training }, masks);
  const crossEntropy = (values: typeof logits) =>
    g.one('softmaxCrossEntropy', [values, labels, weights], { labelSmoothing });
  const main = crossEntropy(logits);
  const loss =
    training && auxiliaryLogits !== undefined
      ? g.add(main, g.mul(crossEntropy(auxiliaryLogits), g.scalar(auxiliaryWeight)))
      : main;
  const answers = [logits, labels, weights];
  const reports: Output[] = [
    { name: childReports.correct, value: g.one('correctCount', answers, { top: 1 }) },
    { name: 'logits', value: logits },
  ];
  if (classes > LARGEST)
    reports.push({
      name: childReports.amongLargest,
      value: g.one('correctCount', answers, { top: LARGEST }),
    });
  // Of a thousand classes it has a million numbers, which no training step should have to fetch.
  if (!training) reports.push({ name: childReports.confusion, value: g.one('confusionCount', answers, {}) });
  return { g, loss, reports };
}

export function childStep(
  network: ChildNetwork,
  optimizer: Optimizer,
  loss: ChildLoss,
  reportGradient = false,
): Step {
  return buildStep(traceChild(network, true, loss), {
    name: 'child-step',
    optimizer,
    movesStatistics: true,
    reportGradient,
  });
}

/** Cross entropy without smoothing, right answers, confusions and logits, with the running statistics. */
export function childEvaluation(network: ChildNetwork): Step {
  const plain = { labelSmoothing: 0, auxiliaryWeight: 0, dropPath: false };
  return buildStep(traceChild(network, false, plain), { name: 'child-evaluation', movesStatistics: false });
}
