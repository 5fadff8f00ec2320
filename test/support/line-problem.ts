// The smallest thing that can be trained: the line y = 2 x0 - x1 + 0.5 from points on it, by least squares. Lower is better.
import { Builder } from '../../graphs/builder.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { BatchSource, BatchSourceState, FedBatch } from '../../src/loop/batch-source.js';
import type { Measures, Metric } from '../../src/loop/meter.js';
import { buildStep, type Step, type TracedLoss } from '../../src/networks/step.js';
import { openStream, type RandomStream } from '../../src/random.js';
import type { TrainingProblem } from '../../src/tasks/training-problem.js';

const batch = 4;

export const error: Metric = {
  name: 'error',
  title: 'Error',
  better: 'lower',
  of: (means) => Math.sqrt(means.get('squares')![0]!),
  format: (value, digits = 3) => value.toFixed(digits),
};

const measures: Measures = { examples: 'points', reports: ['squares'], metrics: [error] };

function traceLine(): TracedLoss {
  const g = new Builder();
  const x = g.input('x', [batch, 2]);
  const y = g.input('y', [batch, 1]);
  const slope = g.parameter('slope', [2, 1], { kind: 'uniform', bound: 0.5 });
  const shift = g.parameter('shift', [1], { kind: 'constant', value: 0 });
  const found = g.add(g.one('matMul', [x, slope], { transposeA: false, transposeB: false }), shift);
  const off = g.sub(found, y);
  const squares = g.mul(g.reduceSum(g.mul(off, off), [0, 1]), g.scalar(1 / batch));
  return { g, loss: squares, reports: [{ name: 'squares', value: g.reshape(squares, [1]) }] };
}

function points(stream: RandomStream): FedBatch {
  const x = Float32Array.from({ length: 2 * batch }, () => 2 * stream.uniform() - 1);
  const y = Float32Array.from({ length: batch }, (_, i) => 2 * x[2 * i]! - x[2 * i + 1]! + 0.5);
  return {
    examples: batch,
    feeds: { x: { shape: [batch, 2], data: x }, y: { shape: [batch, 1], data: y } },
  };
}

/** New points in every batch; `batchesPerEpoch` of them are an epoch. */
function source(batchesPerEpoch: number, saved: BatchSourceState | undefined): BatchSource {
  const stream = openStream(1, 'points', saved?.streams.points);
  let taken = saved?.cursor?.next ?? 0;
  return {
    next() {
      taken = (taken % batchesPerEpoch) + 1;
      return { ...points(stream), done: taken / batchesPerEpoch };
    },
    state: () => ({
      streams: { points: stream.state() },
      ...(taken % batchesPerEpoch === 0 ? {} : { cursor: { order: stream.state(), next: taken } }),
    }),
  };
}

function few(name: string): FedBatch[] {
  const stream = openStream(2, name);
  return [points(stream), points(stream)];
}

export function lineProblem(batchesPerEpoch: number, isHeldOut = true): TrainingProblem {
  return {
    description: 'a line',
    measures,
    batches: (saved) => source(batchesPerEpoch, saved),
    validation: isHeldOut ? few('held') : undefined,
    test: few('test'),
    testExamples: 2 * batch,
    step: (optimizer: Optimizer): Step =>
      buildStep(traceLine(), { name: 'line-step', optimizer, movesStatistics: false }),
    evaluation: () => buildStep(traceLine(), { name: 'line', movesStatistics: false }),
    conditions: (epoch) => ({ halves: epoch / 2 }),
    ship: () => ({ files: [], figures: { parameters: 3, macs: 2 } }),
  };
}
