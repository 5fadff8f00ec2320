// A report's data, made up: as many epochs and edges as a small search has.
import { openStream } from '../../../src/random.js';
import type { ConfusionData, ReportData, SearchEpochData } from '../../../src/report/data.js';
import { DARTS_SPACE, SEARCH_PRIMITIVES } from '../../../src/spaces/convolutional.js';
import type { CellGenotype } from '../../../src/spaces/genotype.js';
import { edgeCount } from '../../../src/spaces/search-space.js';
import { classificationMeasures } from '../../../src/tasks/classification/measures.js';

export const normal: CellGenotype = {
  nodes: [
    [
      { primitive: 'sep_conv_3x3', input: 0 },
      { primitive: 'sep_conv_3x3', input: 1 },
    ],
    [
      { primitive: 'sep_conv_3x3', input: 0 },
      { primitive: 'sep_conv_3x3', input: 1 },
    ],
    [
      { primitive: 'sep_conv_3x3', input: 1 },
      { primitive: 'skip_connect', input: 0 },
    ],
    [
      { primitive: 'skip_connect', input: 0 },
      { primitive: 'dil_conv_3x3', input: 2 },
    ],
  ],
  concat: [2, 3, 4, 5],
};

export const reduce: CellGenotype = {
  nodes: [
    [
      { primitive: 'max_pool_3x3', input: 0 },
      { primitive: 'max_pool_3x3', input: 1 },
    ],
    [
      { primitive: 'skip_connect', input: 2 },
      { primitive: 'max_pool_3x3', input: 1 },
    ],
    [
      { primitive: 'max_pool_3x3', input: 0 },
      { primitive: 'skip_connect', input: 2 },
    ],
    [
      { primitive: 'skip_connect', input: 2 },
      { primitive: 'max_pool_3x3', input: 1 },
    ],
  ],
  concat: [2, 3, 4, 5],
};

/** Ten classes of a hundred images each, of which the fifth is taken for the third now and then. */
export function sampleConfusion(): ConfusionData {
  const classes = [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ];
  const counts = classes.map((_, label) => classes.map((_, answer) => (label === answer ? 100 : 0)));
  counts[4]![4]! -= 17;
  counts[4]![2]! += 17;
  counts[6]![6]! -= 31;
  counts[6]![0]! += 30;
  counts[6]![9]! += 1;
  return { classes, counts };
}

export function sampleReport(epochs = 12): ReportData {
  const stream = openStream(1, 'report');
  const edges = edgeCount({ inputs: 2, nodes: 4 });
  const drift = () =>
    Array.from({ length: edges }, () => SEARCH_PRIMITIVES.map(() => stream.normal() * 0.25));
  const drifts = { normal: drift(), reduce: drift() };
  const softmaxed = (drift: number[][], epoch: number) =>
    drift.map((edge) => {
      const weights = edge.map((slope) => Math.exp(slope * epoch));
      const total = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight) => weight / total);
    });
  const searched = Array.from({ length: epochs }, (_, index): SearchEpochData => {
    const epoch = index + 1;
    const decay = Math.exp(-epoch / 4);
    return {
      epoch,
      train: { loss: 0.5 + 1.8 * decay, accuracy: 0.85 - 0.6 * decay },
      validation: { loss: 0.6 + 1.8 * decay + 0.03 * stream.normal(), accuracy: 0.8 - 0.6 * decay },
      child: { accuracy: 0.78 - 0.5 * decay },
      entropy: { normal: 1 - 0.05 * epoch, reduce: 1 - 0.03 * epoch },
      probabilities: {
        normal: softmaxed(drifts.normal, epoch),
        reduce: softmaxed(drifts.reduce, epoch),
      },
      skips: { normal: Math.min(2, Math.floor(epoch / 4)), reduce: epoch > 8 ? 1 : 0 },
      examplesPerSecond: 210 + 5 * stream.normal(),
    };
  });
  return {
    title: 'EGS search on Fashion-MNIST',
    subtitle: 'genonnx quickstart · seed 1 · 4 cells, 8 channels, batch 32',
    measures: classificationMeasures,
    warnings: ['The normal cell has 2 skip connections of 8 operations; they may be taking over.'],
    results: [
      {
        name: 'model.onnx, onnxruntime-node',
        test: { accuracy: 0.8532 },
        parameters: 54_312,
        macs: 7_821_440,
        sizeBytes: 241_000,
        latency: { minimumMs: 1.912, medianMs: 2.034, p90Ms: 2.61, batch: 1 },
        examplesPerSecond: 491,
      },
      {
        name: 'model.onnx, onnxruntime-node',
        latency: { minimumMs: 31.912, medianMs: 33.2, p90Ms: 38.61, batch: 32 },
        examplesPerSecond: 964,
      },
    ],
    confusion: sampleConfusion(),
    genotype: {
      kind: 'convolutional',
      text: 'Genotype(normal=[...], reduce=[...])',
      cells: [
        { title: 'Normal cell', inputs: 2, cell: normal },
        { title: 'Reduction cell', inputs: 2, cell: reduce },
      ],
    },
    search: { kind: 'convolutional', scope: 'node', cellTypes: DARTS_SPACE.cellTypes, epochs: searched },
    training: {
      heldOut: 'test',
      epochs: Array.from({ length: 20 }, (_, index) => {
        const decay = Math.exp(-index / 6);
        return {
          epoch: index + 1,
          train: { loss: 0.3 + 1.2 * decay, accuracy: 0.9 - 0.4 * decay },
          validation: {
            loss: index === 7 ? null : 0.42 + 1.1 * decay + 0.04 * stream.normal(),
            accuracy: 0.86 - 0.4 * decay,
          },
          learningRate: 0.0125 * (1 + Math.cos((Math.PI * index) / 20)),
        };
      }),
    },
    configuration: {
      data: 'fashion-mnist',
      weights: { learningRate: 0.025, momentum: 0.9, weightDecay: 3e-4 },
      samples: 4,
      checksums: ['2b3c', '9f00'],
      padTo: undefined,
    },
  };
}
