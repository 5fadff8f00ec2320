// A task that knows no images: a curve, y = |x0| - x1 x2, from points on it. It is judged by the root of the mean square of
// the error, lower being better, and ships its network as an ONNX model whose input is `x`.
import { lowerModel } from '../../exporters/onnx.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { prune } from '../../graphs/passes/prune.js';
import type { BatchSource, BatchSourceState, FedBatch } from '../../src/loop/batch-source.js';
import type { Measures } from '../../src/loop/meter.js';
import { buildStep, type TracedLoss } from '../../src/networks/step.js';
import { openStream, type RandomStream } from '../../src/random.js';
import type { Arrays } from '../../src/runs/snapshot.js';
import type { Genotype } from '../../src/spaces/genotype.js';
import { entryCount, type Operation, type SearchSpace } from '../../src/spaces/search-space.js';
import { feedsOfCode } from '../../src/tasks/code-feeds.js';
import type { SearchProblem } from '../../src/tasks/search-problem.js';
import type { TrainingProblem } from '../../src/tasks/training-problem.js';
import { vectorNetwork, vectorSupernet } from './vector-networks.js';
import type { VectorPrimitive } from './vector-spaces.js';

const features = 3;
const batch = 16;
const batchesPerEpoch = 5;

export const regressionMeasures: Measures = {
  examples: 'points',
  reports: ['squares'],
  metrics: [
    {
      name: 'rootMeanSquare',
      title: 'Root mean square error',
      better: 'lower',
      of: (means) => Math.sqrt(means.get('squares')![0]!),
      format: (value, digits = 3) => value.toFixed(digits),
    },
  ],
};

function points(stream: RandomStream): FedBatch {
  const x = Float32Array.from({ length: batch * features }, () => 2 * stream.uniform() - 1);
  const y = Float32Array.from({ length: batch }, (_, i) => {
    const [a, b, c] = x.subarray(i * features, (i + 1) * features);
    return Math.abs(a!) - b! * c!;
  });
  return {
    examples: batch,
    feeds: { x: { shape: [batch, features], data: x }, y: { shape: [batch, 1], data: y } },
  };
}

function endless(name: string, seed: number, saved: BatchSourceState | undefined): BatchSource {
  const stream = openStream(seed, name, saved?.streams[name]);
  let taken = saved?.cursor?.next ?? 0;
  return {
    next() {
      taken = (taken % batchesPerEpoch) + 1;
      return { ...points(stream), done: taken / batchesPerEpoch };
    },
    state: () => ({
      streams: { [name]: stream.state() },
      ...(taken % batchesPerEpoch === 0 ? {} : { cursor: { order: stream.state(), next: taken } }),
    }),
  };
}

function some(name: string, count: number): FedBatch[] {
  const stream = openStream(9, name);
  return Array.from({ length: count }, () => points(stream));
}

function withLoss(g: Builder, found: Value): TracedLoss {
  const off = g.sub(found, g.input('y', [batch, 1]));
  const loss = g.mul(g.reduceSum(g.mul(off, off), [0, 1]), g.scalar(1 / batch));
  return { g, loss, reports: [{ name: 'squares', value: g.reshape(loss, [1]) }] };
}

export function regressionSearch<Name extends string>(
  space: SearchSpace<Name, VectorPrimitive>,
  seed: number,
): SearchProblem {
  const entries = entryCount(space);
  return {
    description: 'points on a curve',
    measures: regressionMeasures,
    space,
    weightBatches: (saved) => endless('weights-points', seed, saved),
    alphaBatches: (saved) => endless('alphas-points', seed, saved),
    heldOut: some('held', 2),
    budget: undefined,
    codeFeeds: feedsOfCode,
    supernet(_, route) {
      const g = new Builder();
      const x = g.input('x', [batch, features]);
      const code = g.input('code', [entries]);
      const forwardGates = g.input('forwardGates', [entries], 'bool');
      const backwardGates = g.input('backwardGates', [entries], 'bool');
      const steering = { code, forwardGates, backwardGates };
      return {
        ...withLoss(g, vectorSupernet(g, x, features, space, steering, route === 'all' ? 'exact' : 'active')),
        code,
      };
    },
  };
}

export function regressionTraining<Name extends string>(
  space: SearchSpace<Name, VectorPrimitive>,
  genotype: Genotype<Name, Operation<VectorPrimitive>>,
  seed: number,
  /** In place of the one that the settings name. */
  optimizer: Optimizer,
): TrainingProblem {
  const trace = (): TracedLoss => {
    const g = new Builder();
    return withLoss(g, vectorNetwork(g, g.input('x', [batch, features]), features, space, genotype));
  };
  return {
    description: 'points on a curve',
    measures: regressionMeasures,
    batches: (saved) => endless('training-points', seed, saved),
    validation: some('validation', 2),
    test: some('test', 3),
    testExamples: 3 * batch,
    step: () => buildStep(trace(), { name: 'regression-step', optimizer, movesStatistics: false }),
    evaluation: () => buildStep(trace(), { name: 'regression', movesStatistics: false }),
    conditions: () => ({}),
    ship({ arrays }) {
      const bound = boundNetwork(space, genotype, arrays);
      const parameters = arrays.parameters?.data.length ?? 0;
      return {
        files: [{ name: 'model.onnx', data: lowerModel(bound, { metadata: { task: 'regression' } }).bytes }],
        figures: { parameters, macs: 0 },
      };
    },
  };
}

/** The network with its weights, for any number of points. */
export function boundNetwork<Name extends string>(
  space: SearchSpace<Name, VectorPrimitive>,
  genotype: Genotype<Name, Operation<VectorPrimitive>>,
  arrays: Arrays,
): BoundGraph {
  const g = new Builder();
  const x = g.input('x', ['points', features]);
  const y = vectorNetwork(g, x, features, space, genotype);
  const values = g.slotInputs('parameters');
  const graph = prune(g.build([{ name: 'y', value: y }]));
  const flat = Float32Array.from(arrays.parameters!.data);
  const weights = g.slots('parameters').map(({ name, offset, size }, i) => {
    const bound = { name, data: flat.slice(offset, offset + size) };
    return [values[i]!, bound] as const;
  });
  return { graph, weights: new Map(weights) };
}
