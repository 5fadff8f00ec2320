// Gated regions on TensorFlow.js against the interpreter: two candidates on one edge with batch norms, running statistics
// and the gradients of everything, in all modes; and what every kind of operation makes of a closed region's results.
import { afterAll, describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { differentiate } from '../../../../graphs/differentiate.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../../graphs/ir.js';
import { prune } from '../../../../graphs/passes/prune.js';
import { totalSize } from '../../../../graphs/slots.js';
import { createTfjsEngine } from '../../../../src/engines/tfjs/engine.js';
import { defined, expectClose, positive, random } from '../../../support/tensors.js';
import { backends, engineOf, runGraph, withKernels } from './backends.js';

const tolerance = { absolute: 2e-5, relative: 1e-4 };
const shape = [2, 4, 6, 6] as const;
const channels = shape[1];
const uniform = { kind: 'uniform', bound: 1 } as const;
const modes = ['closed', 'forward only', 'learning'] as const;
type Mode = (typeof modes)[number];

function rounded({ shape: own, data }: Tensor): Tensor {
  return { shape: own, data: data.map(Math.fround) };
}

/** Candidate 0 is a separable convolution with batch norm, candidate 1 max pooling, candidate 2 the identity. */
function network(route: 'exact' | 'active'): { graph: Graph; theta: number; statistics: number } {
  const g = new Builder();
  const x = g.input('x', shape);
  const code = g.input('code', [3]);
  const forwardGates = g.input('forwardGates', [3], 'bool');
  const backwardGates = g.input('backwardGates', [3], 'bool');
  const entries = g.split(code, 0, [1, 1, 1]);
  const forwardOnly = g.one('and', [forwardGates, g.one('not', [backwardGates], {})], {});
  const pairs =
    route === 'active'
      ? [{ gates: forwardGates, backwardGates, learns: true }]
      : [
          { gates: backwardGates, backwardGates, learns: true },
          { gates: forwardOnly, backwardGates: forwardOnly, learns: false },
        ];
  const stem = g.relu(g.mul(x, g.parameter('stem', [1], uniform)));
  const terms = [0, 1, 2].flatMap((gateIndex) =>
    pairs.map(({ learns, ...gates }) => {
      const scale = defined(entries[gateIndex]);
      const options = { ...gates, gateIndex, ...(learns ? {} : { differentiable: [scale] }) };
      return g.region(options, [stem, scale], (body, [inner, entry]) =>
        candidate(body, gateIndex, defined(inner), defined(entry)),
      );
    }),
  );
  const state = g.relu(g.sum(terms));
  const weight = g.parameter('classifier', [2, channels], uniform);
  const logits = g.matMul(g.globalAveragePool(state), weight, false, true);
  const loss = g.reduceSum(g.mul(logits, logits), [0, 1]);
  const [parameters, slots] = [g.slots('parameters'), g.slots('statistics')];
  const theta = g.flatten('parameters', 'theta');
  const statistics = g.flatten('statistics', 'statistics');
  const delta = g.statisticsDelta();
  const [dTheta, dCode, dX] = differentiate(g, loss, [theta, code, x]);
  const outputs = { state, logits, loss, delta, dTheta, dCode, dX };
  const named = Object.entries(outputs).map(([name, value]) => ({ name, value: defined(value) }));
  return {
    graph: prune({ ...g.build(named), inputs: [x, code, forwardGates, backwardGates, theta, statistics] }),
    theta: totalSize(parameters),
    statistics: totalSize(slots),
  };
}

function candidate(g: Builder, index: number, x: Value, scale: Value): Value {
  if (index === 1) return g.mul(g.maxPool2d(x, { kernel: 3, stride: 1, padding: 1 }), scale);
  if (index === 2) return g.mul(x, scale);
  const depthwise = g.parameter('depthwise', [channels, 1, 3, 3], uniform);
  const pointwise = g.parameter('pointwise', [channels, channels, 1, 1], uniform);
  const mean = g.statistic('mean', [channels], { kind: 'constant', value: 0 });
  const spread = g.conv2d(x, depthwise, { padding: 1, groups: channels });
  const [y, batchMean] = g.apply('batchNorm', [g.conv2d(spread, pointwise), scale], {
    epsilon: 1e-5,
    affine: 'scale',
  });
  g.updateStatistic(mean, defined(batchMean));
  return defined(y);
}

describe.each(backends)('regions on $name', ({ loaded }) => {
  const engine = engineOf(loaded);
  afterAll(() => engine.dispose());

  async function agree(
    graph: Graph,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Record<string, Tensor>> {
    const actual = await runGraph(engine, graph, feeds);
    for (const [name, result] of Object.entries(interpret(graph, feeds)))
      expectClose(actual[name], result, tolerance, name);
    return actual;
  }

  describe.each(['exact', 'active'] as const)('of the %s route', (route) => {
    const { graph, theta, statistics } = network(route);
    const feedsOf = (chosen: readonly Mode[]): Record<string, Tensor> => ({
      x: rounded(positive(shape, 1)),
      code: tensor([3], [0.5, 0.25, -0.75]),
      forwardGates: tensor(
        [3],
        chosen.map((mode) => Number(mode !== 'closed')),
      ),
      backwardGates: tensor(
        [3],
        chosen.map((mode) => Number(mode === 'learning')),
      ),
      theta: rounded(random([theta], 2)),
      statistics: rounded(random([statistics], 3)),
    });
    const combinations = modes.flatMap((a) => modes.flatMap((b) => modes.map((c) => [a, b, c] as const)));

    it.each(combinations)('agree with candidates %s, %s and %s', async (...chosen) => {
      await agree(graph, feedsOf(chosen));
    });

    it('give zeros where every candidate is closed', async () => {
      const results = await agree(graph, feedsOf(['closed', 'closed', 'closed']));
      for (const name of ['delta', 'state', 'logits', 'dCode', 'dX'])
        expect(defined(results[name]).data.every((element) => element === 0)).toBe(true);
    });
  });

  it('run nothing where they are closed, and nobody makes their zeros', async () => {
    const { tf, found } = defined(loaded);
    const ran: string[] = [];
    const listening = withKernels(tf, (run) => (name, ...rest) => {
      ran.push(name);
      return run(name, ...rest);
    });
    const own = createTfjsEngine({ tf: listening, found });
    const g = new Builder();
    const gates = g.input('gates', [2], 'bool');
    const x = g.input('x', shape);
    const w = g.input('w', [4, 4, 3, 3]);
    const terms = [0, 1].map((gateIndex) =>
      g.region({ gates, backwardGates: gates, gateIndex }, [x, w], (body, [inner, weight]) =>
        body.conv2d(defined(inner), defined(weight), { padding: 1 }),
      ),
    );
    const dy = g.relu(g.mul(g.neg(defined(terms[0])), x));
    const graph = g.build([{ name: 'y', value: g.sum([...terms, dy]) }]);
    const run = async (first: number, second: number): Promise<string[]> => {
      ran.length = 0;
      const feeds = { gates: tensor([2], [first, second]), x: random(shape), w: random([4, 4, 3, 3]) };
      await runGraph(own, graph, feeds);
      return [...ran].sort();
    };
    expect(await run(0, 0)).toEqual([]);
    // The images and the weights are turned, and the result is turned back.
    expect(await run(0, 1)).toEqual(['Conv2D', 'Identity', 'Transpose', 'Transpose', 'Transpose']);
    expect((await run(1, 1)).filter((name) => name === 'Conv2D')).toHaveLength(2);
    await own.dispose();
  });

  it('that hand out what they got share it with nobody', async () => {
    const g = new Builder();
    const gates = g.input('gates', [1], 'bool');
    const x = g.input('x', shape);
    const same = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (_, [inner]) => defined(inner));
    const graph = g.build([
      { name: 'same', value: same },
      { name: 'x', value: x },
      { name: 'twice', value: same },
      { name: 'more', value: g.relu(same) },
    ]);
    for (const gate of [1, 0]) await agree(graph, { gates: tensor([1], [gate]), x: rounded(random(shape)) });
  });

  describe('what reads the results of closed regions', () => {
    /** Every operation with each of its float inputs from a region of its own. */
    const g = new Builder();
    const gates = g.input('gates', [2], 'bool');
    const gated = (value: Value, gateIndex: number): Value =>
      g.region({ gates, backwardGates: gates, gateIndex }, [value], (body, [inner]) =>
        body.neg(defined(inner)),
      );
    const x = g.input('x', shape);
    const y = g.input('y', shape);
    const [a, b] = [gated(x, 0), gated(y, 1)];
    const weight = gated(g.input('weight', [4, 4, 1, 1]), 1);
    const row = gated(g.input('row', [1, 4, 1, 1]), 1);
    const vector = gated(g.input('vector', [4]), 1);
    const one = gated(g.input('one', [1]), 1);
    const matrix = (value: Value): Value => g.reshape(value, [48, 6]);
    const pool = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } as const;
    const window = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } as const;
    const mean = g.channelMean(a);
    const norm = { epsilon: 1e-5, affine: 'none' } as const;
    const [normalised, batchMean, , inverseStd] = g.apply('batchNorm', [g.add(a, y)], norm);
    const halves = [0, 1].map((i) => g.one('slice', [weight], { axis: 0, start: 2 * i, end: 2 * i + 2 }));
    const reduced = g.one('factorizedReduce', [a, ...halves], {});
    const values: Record<string, Value> = {
      add: g.add(a, b),
      'add a row': g.add(a, row),
      'add to a row': g.add(row, a),
      'add one': g.add(one, a),
      sub: g.sub(a, b),
      'sub from one': g.sub(one, a),
      mul: g.mul(a, b),
      'mul by one': g.mul(a, one),
      div: g.div(a, g.one('relu', [g.add(y, g.scalar(3))], {})),
      minimum: g.one('minimum', [a, b], {}),
      sum: g.sum([a, b, a]),
      'sum of open and closed': g.sum([a, x, b]),
      relu: g.relu(a),
      reluGrad: g.one('reluGrad', [a, b], {}),
      neg: g.neg(a),
      sqrt: g.sqrt(g.mul(a, a)),
      reciprocal: g.one('reciprocal', [g.add(g.mul(a, a), g.scalar(1))], {}),
      concat: g.concat([a, b, a, x], 1),
      'concat of images': g.concat([a, a, b], 0),
      slice: g.one('slice', [a], { axis: 1, start: 1, end: 3 }),
      pad: g.one('pad', [a], { axis: 2, before: 1, after: 2 }),
      split: defined(g.split(a, 2, [2, 4])[1]),
      transpose: g.one('transpose', [a], { permutation: [1, 0, 3, 2] }),
      expand: g.expand(row, shape),
      'expand a row': g.expand(g.reshape(vector, [1, 4, 1, 1]), shape),
      matMul: g.matMul(matrix(a), matrix(b), true),
      reduceSum: g.reduceSum(a, [0, 2, 3]),
      'reduceSum, kept': g.reduceSum(a, [1, 3], true),
      'reduceSum of all': g.reduceSum(g.mul(a, y), [0, 1, 2, 3]),
      channelMean: mean,
      conv2d: g.conv2d(a, weight),
      'conv2d with bias': g.conv2d(a, weight, { bias: vector }),
      conv2dInputGrad: g.one('conv2dInputGrad', [a, weight], { ...window, inputExtent: [6, 6] }),
      conv2dWeightGrad: g.one('conv2dWeightGrad', [a, b], { ...window, kernel: [1, 1] }),
      factorizedReduce: reduced,
      factorizedReduceInputGrad: g.one('factorizedReduceInputGrad', [b, ...halves], {}),
      factorizedReduceWeightGrad: g.one('factorizedReduceWeightGrad', [a, reduced], {}),
      maxPool2d: g.one('maxPool2d', [a], pool),
      averagePool2d: g.one('averagePool2d', [a], pool),
      averagePool2dGrad: g.one('averagePool2dGrad', [g.one('averagePool2d', [a], pool)], {
        ...pool,
        inputExtent: [6, 6],
      }),
      maxPool2dGrad: g.one('maxPool2dGrad', [x, g.one('maxPool2d', [b], pool)], pool),
      globalAveragePool: g.globalAveragePool(a),
      globalAveragePoolGrad: g.one('globalAveragePoolGrad', [g.globalAveragePool(a)], {
        inputExtent: [6, 6],
      }),
      batchNorm: defined(normalised),
      batchNormGrad: g.one('batchNormGrad', [a, mean, y, defined(batchMean), defined(inverseStd)], norm),
      'batchNormGrad, not of zero mean': g.one(
        'batchNormGrad',
        [b, mean, y, defined(batchMean), defined(inverseStd)],
        norm,
      ),
      batchNormApply: g.one('batchNormApply', [a, mean, vector], { affine: 'none' }),
      batchNormInference: g.one('batchNormInference', [a, vector, g.mul(vector, vector)], norm),
      'another region': gated(a, 1),
    };
    const graph = g.build(Object.entries(values).map(([name, value]) => ({ name, value })));

    it.each([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])('is as the interpreter has it, with gates %i and %i', async (first, second) => {
      const feeds: Record<string, Tensor> = { gates: tensor([2], [first, second]) };
      for (const [i, { path, shape: own }] of graph.inputs.entries())
        if (path !== 'gates') feeds[path] = rounded(random(own.map(Number), i + 1));
      await agree(graph, feeds);
    });
  });
});
