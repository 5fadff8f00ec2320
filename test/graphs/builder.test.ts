// The builder: paths, constants, slots, and how regions close over parameters and running statistics.
import { describe, expect, it } from 'vitest';
import { Builder, statisticsMomentum } from '../../graphs/builder.js';
import { interpret, tensor } from '../../graphs/interpret/interpret.js';
import { isOp, type Value } from '../../graphs/ir.js';
import { totalSize } from '../../graphs/slots.js';
import { interpretChecked } from '../support/run-graph.js';
import { defined, expectClose, random } from '../support/tensors.js';

const zero = { kind: 'constant', value: 0 } as const;

describe('paths', () => {
  it('nest, and end with what was built', () => {
    const g = new Builder();
    const x = g.input('x', [1]);
    const y = g.within('cells.0', () => g.within('node1', () => g.relu(x)));
    expect(x.path).toBe('x');
    expect(y.path).toBe('cells.0/node1');
    expect(() =>
      g.within('broken', () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(g.path).toBe('');
  });
});

describe('constants', () => {
  it('with equal elements are made once, and stand before all nodes that may read them', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    const y = g.add(g.mul(x, g.scalar(2)), g.scalar(2));
    expect(g.scalar(2)).toBe(g.scalar(2));
    expect(g.filled(2, [1])).not.toBe(g.scalar(2));
    expect(g.nodes.map(({ op }) => op)).toEqual(['constant', 'constant', 'mul', 'add']);
    expectClose(
      interpret(g.build([{ name: 'y', value: y }]), { x: tensor([2], [1, 2]) }).y,
      tensor([2], [4, 6]),
    );
  });
});

describe('shortcuts', () => {
  it('build nothing where nothing is to be done', () => {
    const g = new Builder();
    const x = g.input('x', [2, 3]);
    expect(g.sum([x])).toBe(x);
    expect(g.concat([x], 1)).toBe(x);
    expect(g.split(x, 1, [3])).toEqual([x]);
    expect(g.reshape(x, [2, 3])).toBe(x);
    expect(g.expand(x, [2, 3])).toBe(x);
    expect(g.nodes).toEqual([]);
  });

  it('take the mean of a value once', () => {
    const g = new Builder();
    const x = g.input('x', [1, 2, 2, 2]);
    expect(g.channelMean(x)).toBe(g.channelMean(x));
  });
});

describe('slots', () => {
  it('lie one behind the other in the order of first use', () => {
    const g = new Builder();
    const w = g.parameter('w', [2, 3], { kind: 'uniform', bound: 0.5 });
    const b = g.parameter('b', [4], zero);
    expect(g.parameter('w', [2, 3], zero)).toBe(w);
    const s = g.parameter('s', [], zero);
    const slots = g.slots('parameters');
    expect(slots).toMatchObject([
      { name: 'w', shape: [2, 3], offset: 0, size: 6, initial: { kind: 'uniform', bound: 0.5 } },
      { name: 'b', shape: [4], offset: 6, size: 4 },
      { name: 's', shape: [], offset: 10, size: 1 },
    ]);
    expect(totalSize(slots)).toBe(11);
    const theta = g.flatten('parameters', 'theta');
    expect(theta.shape).toEqual([11]);
    const outputs = [w, b, s].map((value, i) => ({ name: String(i), value }));
    const results = interpretChecked(g.build(outputs), {
      theta: tensor(
        [11],
        Array.from({ length: 11 }, (_, i) => i),
      ),
    });
    expectClose(results[0], tensor([2, 3], [0, 1, 2, 3, 4, 5]));
    expectClose(results[1], tensor([4], [6, 7, 8, 9]));
    expectClose(results[2], tensor([], [10]));
  });

  it('are inputs of their own in an inference model', () => {
    const g = new Builder();
    const w = g.parameter('w', [2], zero);
    const mean = g.statistic('mean', [3], zero);
    expect(g.slotInputs('parameters')).toEqual([w]);
    expect(g.slotInputs('statistics')).toEqual([mean]);
    expect(g.build([]).inputs).toEqual([w, mean]);
  });
});

describe('running statistics', () => {
  it('move by a tenth of the way; those that nobody moves stay', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    const moved = g.statistic('moved', [2], zero);
    g.statistic('still', [3], zero);
    g.updateStatistic(moved, x);
    const old = g.flatten('statistics', 'statistics');
    const graph = g.build([{ name: 'next', value: g.add(old, g.statisticsDelta()) }]);
    const { next } = interpretChecked(graph, {
      x: tensor([2], [10, -10]),
      statistics: tensor([5], [0, 10, 1, 2, 3]),
    });
    expect(statisticsMomentum).toBe(0.1);
    expectClose(next, tensor([5], [1, 8, 1, 2, 3]));
  });

  it('are an empty vector when there are none', () => {
    const g = new Builder();
    expect(g.statisticsDelta().shape).toEqual([0]);
  });

  /** Two regions over the same statistics, as the learning and the forward-only form of one candidate. */
  function twice(): ReturnType<Builder['build']> {
    const g = new Builder();
    const x = g.input('x', [2, 1, 2, 2]);
    const gates = g.input('gates', [2], 'bool');
    const region = (gateIndex: number): Value =>
      g.region({ gates, backwardGates: gates, gateIndex }, [x], (body, [inner]) => {
        const mean = body.statistic('0.running_mean', [1], zero);
        const variance = body.statistic('0.running_var', [1], { kind: 'constant', value: 1 });
        body.statistic('0.still', [2], zero);
        const [y, batchMean, batchVariance] = body.apply('batchNorm', [defined(inner)], {
          epsilon: 1e-5,
          affine: 'none',
        });
        body.updateStatistic(mean, defined(batchMean));
        body.updateStatistic(variance, body.mul(defined(batchVariance), body.scalar(8 / 7)));
        return defined(y);
      });
    const terms = [region(0), region(1)];
    expect(g.slots('statistics').map(({ name }) => name)).toEqual([
      '0.running_mean',
      '0.running_var',
      '0.still',
    ]);
    const old = g.flatten('statistics', 'statistics');
    return g.build([
      { name: 'y', value: g.sum(terms) },
      { name: 'next', value: g.add(old, g.statisticsDelta()) },
    ]);
  }
  // Mean 4, unbiased variance 8 / 7 times 6.
  const x = tensor([2, 1, 2, 2], [1, 1, 4, 4, 4, 4, 7, 7]);
  const statistics = tensor([4], [2, 1, 5, 6]);

  it('of an open region move, whichever of the regions that share them it is', () => {
    const variance = 4.5 * (8 / 7);
    const expected = tensor([4], [2 + 0.1 * (4 - 2), 1 + 0.1 * (variance - 1), 5, 6]);
    for (const gates of [
      [1, 0],
      [0, 1],
    ]) {
      const { next } = interpretChecked(twice(), { x, statistics, gates: tensor([2], gates) });
      expectClose(next, expected);
    }
  });

  it('of a closed region stay', () => {
    const { next, y } = interpretChecked(twice(), { x, statistics, gates: tensor([2], [0, 0]) });
    expectClose(next, statistics);
    expect(defined(y).data.every((element) => element === 0)).toBe(true);
  });
});

describe('regions', () => {
  it('capture all their parameters as one flat vector, which the graph lists by name', () => {
    const g = new Builder();
    const x = g.input('x', [2, 2]);
    const outside = g.parameter('outside', [1], zero);
    const gates = g.constant([1], [1], 'bool');
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (body, [inner]) => {
      const a = body.parameter('inside.a', [2, 2], zero);
      const b = body.parameter('inside.b', [2], zero);
      return body.add(body.matMul(defined(inner), a), b);
    });
    expect(g.slots('parameters').map(({ name, offset }) => [name, offset])).toEqual([
      ['outside', 0],
      ['inside.a', 1],
      ['inside.b', 5],
    ]);
    const region = defined(g.nodes.find((node) => isOp(node, 'region')));
    expect(region.inputs.map(({ shape }) => shape)).toEqual([[1], [1], [2, 2], [6]]);
    const theta = g.flatten('parameters', 'theta');
    expect(theta.shape).toEqual([7]);
    const graph = g.build([{ name: 'y', value: g.mul(y, outside) }]);
    const results = interpretChecked(graph, {
      x: tensor([2, 2], [1, 2, 3, 4]),
      theta: tensor([7], [2, 1, 0, 0, 1, 10, 20]),
    });
    expectClose(results.y, tensor([2, 2], [22, 44, 26, 48]));
  });
});

describe('continueFrom', () => {
  it('goes on where a graph ended, and leaves that as it was', () => {
    const first = new Builder();
    const x = first.input('x', [3]);
    const y = first.mul(x, first.scalar(2));
    const graph = first.build([{ name: 'y', value: y }]);
    const more = Builder.continueFrom(graph);
    const z = more.add(y, more.scalar(1));
    const longer = more.build([...graph.outputs, { name: 'z', value: z }]);
    expect(graph.nodes).toHaveLength(2);
    const point = random([3]);
    const results = interpretChecked(longer, { x: point });
    expectClose(results.y, defined(interpretChecked(graph, { x: point }).y));
    expectClose(results.z, { shape: [3], data: point.data.map((v) => 2 * v + 1) });
  });
});

describe('replace', () => {
  it('puts another node in the place of one, and only of one that is there', () => {
    const g = new Builder();
    const x = g.input('x', [1]);
    const y = g.relu(x);
    const [node] = g.nodes;
    const old = defined(node);
    g.replace(old, { op: 'neg', inputs: [x], outputs: [y], attributes: {}, path: '' });
    expectClose(interpret(g.build([{ name: 'y', value: y }]), { x: tensor([1], [3]) }).y, tensor([1], [-3]));
    expect(() => g.replace(old, old)).toThrow(RangeError);
  });
});
