// Gated regions in both layouts against the interpreter, in a network like a supernet's: two candidates on one edge, a
// batch norm scaled by the code, running statistics, a classifier, and the gradients of everything. Each candidate is
// closed, runs forward only, or also learns; a third region is always closed, so that all terms of a sum may be.
import { beforeAll, describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { differentiate } from '../../../../graphs/differentiate.js';
import { interpret, type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import type { Graph, Value } from '../../../../graphs/ir.js';
import { prune } from '../../../../graphs/passes/prune.js';
import { fixedShape } from '../../../../graphs/shapes.js';
import { totalSize } from '../../../../graphs/slots.js';
import { defined, positive, random } from '../../../support/tensors.js';
import { describeLayout, expectAgreement, layouts, rounded, runOnnx } from './agreement.js';

interface NetworkOptions {
  readonly images: number;
  readonly channels: number;
  /** As in the supernet: two regions with gates that exclude each other, or one. */
  readonly route: 'exact' | 'active';
}

interface Network {
  readonly graph: Graph;
  readonly sizes: { readonly theta: number; readonly statistics: number };
}

const extent = 6;

/** Candidate 0 is a separable convolution with batch norms, candidate 1 max pooling, candidate 2 the identity. */
function network({ images, channels, route }: NetworkOptions): Network {
  const g = new Builder();
  const x = g.input('x', [images, channels, extent, extent]);
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
  const pooled = g.globalAveragePool(state);
  const logits = g.matMul(pooled, g.parameter('classifier', [2, channels], uniform), false, true);
  const loss = g.reduceSum(g.mul(logits, logits), [0, 1]);
  const parameters = g.slots('parameters');
  const statisticSlots = g.slots('statistics');
  const theta = g.flatten('parameters', 'theta');
  const statistics = g.flatten('statistics', 'statistics');
  const delta = g.statisticsDelta();
  const [dTheta, dCode, dX] = differentiate(g, loss, [theta, code, x]);
  const outputs = { state, logits, loss, delta, dTheta, dCode, dX };
  const named = Object.entries(outputs).map(([name, value]) => ({ name, value: defined(value) }));
  return {
    graph: prune({ ...g.build(named), inputs: [x, code, forwardGates, backwardGates, theta, statistics] }),
    sizes: { theta: totalSize(parameters), statistics: totalSize(statisticSlots) },
  };
}

const uniform = { kind: 'uniform', bound: 1 } as const;

function candidate(g: Builder, index: number, x: Value, scale: Value): Value {
  const [, channels = 1] = x.shape;
  if (typeof channels !== 'number') throw new TypeError('channels');
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

const modes = ['closed', 'forward only', 'learning'] as const;
type Mode = (typeof modes)[number];

const combinations = modes.flatMap((first) =>
  modes.map((second): readonly Mode[] => [first, second, 'closed']),
);

const sizes: readonly NetworkOptions[] = [
  { images: 2, channels: 16, route: 'exact' },
  { images: 4, channels: 8, route: 'exact' },
  { images: 4, channels: 4, route: 'active' },
  { images: 2, channels: 4, route: 'exact' },
  { images: 2, channels: 16, route: 'active' },
];

describe.each(sizes)('$images images of $channels channels, $route', (options) => {
  const { graph, sizes: state } = network(options);
  const { images, channels } = options;
  const feedsOf = (chosen: readonly Mode[]): Record<string, Tensor> => ({
    x: rounded(positive([images, channels, extent, extent], 1)),
    code: tensor([3], [0.5, 0.25, -0.75]),
    forwardGates: tensor(
      [3],
      chosen.map((mode) => (mode === 'closed' ? 0 : 1)),
    ),
    backwardGates: tensor(
      [3],
      chosen.map((mode) => (mode === 'learning' ? 1 : 0)),
    ),
    theta: rounded(random([state.theta], 2)),
    statistics: rounded(random([state.statistics], 3)),
  });

  describe.each(layouts.map((layout) => [describeLayout(layout), layout] as const))('%s', (_, layout) => {
    it.each(combinations.map((chosen) => [chosen.slice(0, 2).join(' and '), chosen] as const))(
      'agrees with the interpreter with candidates %s',
      async (_name, chosen) => {
        const feeds = feedsOf(chosen);
        const expected = interpret(graph, feeds);
        const actual = await runOnnx({ graph, feeds }, layout);
        for (const [name, result] of Object.entries(expected)) expectAgreement(actual[name], result, name);
      },
    );

    it('leaves statistics alone, and gives zeros, where every candidate is closed', async () => {
      const results = await runOnnx({ graph, feeds: feedsOf(['closed', 'closed', 'closed']) }, layout);
      for (const name of ['delta', 'state', 'logits', 'dCode', 'dX'])
        expect(defined(results[name]).data.every((element) => element === 0)).toBe(true);
    });
  });
});

describe('sums of closed regions', () => {
  /** Terms of ranks 0 to 4, two regions each, and what a region under the same gate makes of a closed one's result. */
  const shapes = [[], [1], [5], [3, 4], [2, 3, 4], [2, 16, 3, 3], [4, 8, 3, 3], [3, 8, 3, 3]];
  const g = new Builder();
  const gates = g.input('gates', [2], 'bool');
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape));
  const outputs = inputs.flatMap((x, i) => {
    const region = (gateIndex: number, from: Value): Value =>
      g.region({ gates, backwardGates: gates, gateIndex }, [from], (body, [inner]) =>
        body.neg(defined(inner)),
      );
    const [first, second, third] = [region(0, x), region(1, x), region(0, x)];
    return [
      { name: `sum ${i}`, value: g.sum([first, second]) },
      { name: `sum with an open term ${i}`, value: g.sum([region(0, x), x, region(1, x)]) },
      { name: `region of a region ${i}`, value: g.neg(g.sum([region(0, third), third])) },
      { name: `a result ${i}`, value: region(1, x) },
      { name: `what other operations read ${i}`, value: g.relu(region(0, x)) },
    ];
  });
  const graph = g.build(outputs);

  describe.each(layouts.map((layout) => [describeLayout(layout), layout] as const))('%s', (_, layout) => {
    it.each([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])('are as the interpreter has them, with gates %i and %i', async (first, second) => {
      const feeds: Record<string, Tensor> = { gates: tensor([2], [first, second]) };
      shapes.forEach((shape, i) => {
        feeds[`x${i}`] = rounded(random(shape, i + 1));
      });
      const expected = interpret(graph, feeds);
      const actual = await runOnnx({ graph, feeds }, layout);
      for (const [name, result] of Object.entries(expected)) expectAgreement(actual[name], result, name);
    });
  });
});

describe('a region that reads what another gave', () => {
  // Under a gate of another index, under another gate vector, and under both: closed, the first gives zeros.
  const g = new Builder();
  const [gates, others] = [g.input('gates', [2], 'bool'), g.input('others', [2], 'bool')];
  const region = (from: Value, by: Value, gateIndex: number): Value =>
    g.region({ gates: by, backwardGates: by, gateIndex }, [from], (body, [inner]) =>
      body.add(defined(inner), body.scalar(1)),
    );
  const outputs = [[2, 16, 3, 3], [4, 8, 3, 3], [3, 8, 3, 3], [5]].flatMap((shape, i) => {
    const x = g.input(`x${i}`, shape);
    return [
      { name: `another index ${i}`, value: region(region(x, gates, 0), gates, 1) },
      { name: `other gates ${i}`, value: region(region(x, gates, 0), others, 0) },
      { name: `both ${i}`, value: region(region(x, gates, 0), others, 1) },
      { name: `the same ${i}`, value: region(region(x, gates, 0), gates, 0) },
    ];
  });
  const graph = g.build(outputs);
  const combinations = [0, 1, 2, 3].map((bits) => [bits & 1, bits >> 1]);

  describe.each(layouts.map((layout) => [describeLayout(layout), layout] as const))('%s', (_, layout) => {
    it.each(combinations)('agrees with the interpreter with gates %i and %i', async (first, second) => {
      for (const other of combinations) {
        const feeds: Record<string, Tensor> = {
          gates: tensor([2], [defined(first), defined(second)]),
          others: tensor([2], other),
        };
        for (const { path, shape } of graph.inputs.slice(2))
          feeds[path] = rounded(random(fixedShape(shape, path)));
        const expected = interpret(graph, feeds);
        const actual = await runOnnx({ graph, feeds }, layout);
        for (const [name, result] of Object.entries(expected)) expectAgreement(actual[name], result, name);
      }
    });
  });
});

describe('a region inside a region', () => {
  const g = new Builder();
  const gates = g.input('gates', [2], 'bool');
  const x = g.input('x', [2, 16, 4, 4]);
  const y = g.region(
    { gates, backwardGates: gates, gateIndex: 0 },
    [x, gates],
    (outer, [inner, innerGates]) => {
      const options = { gates: defined(innerGates), backwardGates: defined(innerGates), gateIndex: 1 };
      const nested = outer.region(options, [defined(inner)], (body, [innermost]) =>
        body.relu(defined(innermost)),
      );
      return outer.sum([nested, defined(inner)]);
    },
  );
  const [dx] = differentiate(g, g.reduceSum(g.mul(y, y), [0, 1, 2, 3]), [x]);
  const outputs = { y, dx: defined(dx) };
  const graph = prune(g.build(Object.entries(outputs).map(([name, value]) => ({ name, value }))));
  const feedsOf = (open: readonly number[]) => ({
    gates: tensor([2], open),
    x: rounded(random([2, 16, 4, 4])),
  });
  let cases: Record<string, Tensor>[] = [];
  const combos = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  beforeAll(() => {
    cases = combos.map((open) => interpret(graph, feedsOf(open)));
  });
  it.each(layouts.map((layout) => [describeLayout(layout), layout] as const))(
    'runs where both gates are open, backward too (%s)',
    async (_, layout) => {
      for (const [i, open] of combos.entries()) {
        const actual = await runOnnx({ graph, feeds: feedsOf(open) }, layout);
        for (const [name, result] of Object.entries(defined(cases[i])))
          expectAgreement(actual[name], result, `${name}, ${open.join()}`);
      }
    },
  );
});
