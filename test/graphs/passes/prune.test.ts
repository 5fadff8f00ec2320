// Pruning: what no output needs goes, in regions too, and what outputs hold stays the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { differentiate } from '../../../graphs/differentiate.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { type Graph, isOp, type Node, type Value } from '../../../graphs/ir.js';
import { prune } from '../../../graphs/passes/prune.js';
import { printGraph } from '../../../graphs/print.js';
import { defined, expectClose, random } from '../../support/tensors.js';

function regionOf(graph: Graph): Node<'region'> {
  for (const node of graph.nodes) if (isOp(node, 'region')) return node;
  throw new Error('no region');
}

/** A region that captures `x` and the unused `y`, and whose two results are the rectified and the negated `x`. */
function twoResults(): { graph: Graph; results: readonly Value[] } {
  const g = new Builder();
  const gates = g.input('gates', [1], 'bool');
  const x = g.input('x', [2]);
  const y = g.input('y', [2]);
  const body = new Builder();
  const [first, second, third] = [body.input('x', [2]), body.input('y', [2]), body.input('z', [2])];
  const rectified = body.relu(first);
  const sum = body.add(rectified, second);
  body.neg(third);
  const results = g.apply('region', [gates, gates, x, y, x], {
    gateIndex: 0,
    stopped: [false, true, false],
    body: body.build([
      { name: 'rectified', value: rectified },
      { name: 'sum', value: sum },
    ]),
  });
  return { graph: g.build(results.map((value, i) => ({ name: `result${i}`, value }))), results };
}

describe('nodes', () => {
  it('that no output depends on are dropped, inputs are not', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    g.input('unused', [3]);
    const y = g.relu(x);
    g.neg(y);
    g.neg(x);
    const pruned = prune(g.build([{ name: 'y', value: y }]));
    expect(pruned.nodes.map(({ op }) => op)).toEqual(['relu']);
    expect(pruned.inputs).toHaveLength(2);
  });

  it('with one result that is read stay whole', () => {
    const g = new Builder();
    const [, last] = g.split(g.input('x', [4]), 0, [1, 3]);
    const pruned = prune(g.build([{ name: 'y', value: defined(last) }]));
    expect(pruned.nodes[0]?.outputs).toHaveLength(2);
  });

  it('stay when only an output reads them, and an input may be an output', () => {
    const g = new Builder();
    const x = g.input('x', [2]);
    const graph = g.build([{ name: 'x', value: x }]);
    expect(prune(graph)).toEqual(graph);
  });
});

describe('regions', () => {
  it('lose results that nobody reads, and what in their bodies led to those', () => {
    const { graph, results } = twoResults();
    const region = regionOf(prune({ ...graph, outputs: [{ name: 'y', value: defined(results[0]) }] }));
    expect(region.outputs).toEqual([results[0]]);
    expect(region.attributes.body.outputs.map(({ name }) => name)).toEqual(['rectified']);
    expect(region.attributes.body.nodes.map(({ op }) => op)).toEqual(['relu']);
  });

  it('lose captures that nothing in their bodies reads', () => {
    const { graph, results } = twoResults();
    const [gates, x, y] = graph.inputs;
    const whole = regionOf(prune(graph));
    expect(whole.inputs).toEqual([gates, gates, x, y]);
    expect(whole.attributes.stopped).toEqual([false, true]);
    const slim = regionOf(prune({ ...graph, outputs: [{ name: 'y', value: defined(results[0]) }] }));
    expect(slim.inputs).toEqual([gates, gates, x]);
    expect(slim.attributes.stopped).toEqual([false]);
    expect(slim.attributes.body.inputs.map(({ path }) => path)).toEqual(['x']);
  });

  it('keep a capture that is itself a result', () => {
    const g = new Builder();
    const gates = g.input('gates', [1], 'bool');
    const x = g.input('x', [2]);
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (_, [inner]) => defined(inner));
    const pruned = prune(g.build([{ name: 'y', value: y }]));
    expectClose(
      interpret(pruned, { gates: tensor([1], [1]), x: tensor([2], [3, 4]) }).y,
      tensor([2], [3, 4]),
    );
  });

  it('go when none of their results are read, and free what led to their captures', () => {
    const g = new Builder();
    const gates = g.input('gates', [1], 'bool');
    const x = g.input('x', [2]);
    g.region({ gates, backwardGates: gates, gateIndex: 0 }, [g.neg(x)], (body, [inner]) =>
      body.relu(defined(inner)),
    );
    expect(prune(g.build([{ name: 'y', value: g.relu(x) }])).nodes.map(({ op }) => op)).toEqual(['relu']);
  });

  it('that are only differentiated for some captures save only what that takes', () => {
    const g = new Builder();
    const gates = g.input('gates', [1], 'bool');
    const [x, scale] = [g.input('x', [3]), g.input('scale', [1])];
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x, scale], (body, [inner, factor]) =>
      body.mul(body.mul(defined(inner), defined(inner)), defined(factor)),
    );
    const [gradient] = differentiate(g, g.reduceSum(y, [0]), [scale]);
    const graph = prune(g.build([{ name: 'gradient', value: defined(gradient) }]));
    const feeds = { gates: tensor([1], [1]), x: random([3]), scale: tensor([1], [2]) };
    const squares = feeds.x.data.reduce((sum, element) => sum + element * element, 0);
    expectClose(interpret(graph, feeds).gradient, tensor([1], [squares]));
    const [forward] = graph.nodes.filter((node) => isOp(node, 'region'));
    expect(defined(forward).outputs).toHaveLength(1);
  });
});

/** A chain of elementwise operations on two inputs, each reading any earlier value, some of them in regions. */
interface Step {
  readonly kind: 'neg' | 'add' | 'mul' | 'region';
  readonly left: number;
  readonly right: number;
}

const programs = fc.record({
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom<Step['kind']>('neg', 'add', 'mul', 'region'),
      left: fc.nat(20),
      right: fc.nat(20),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  wanted: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
  gates: fc.tuple(fc.nat(1), fc.nat(1)),
});

function traceSteps(steps: readonly Step[], wanted: readonly number[]): Graph {
  const g = new Builder();
  const gates = g.input('gates', [2], 'bool');
  const values: Value[] = [g.input('a', [3]), g.input('b', [3])];
  const at = (index: number): Value => defined(values[index % values.length]);
  for (const [i, { kind, left, right }] of steps.entries()) {
    if (kind === 'neg') values.push(g.neg(at(left)));
    else if (kind === 'add') values.push(g.add(at(left), at(right)));
    else if (kind === 'mul') values.push(g.mul(at(left), at(right)));
    else {
      const body = new Builder();
      const [x, y] = [body.input('x', [3]), body.input('y', [3])];
      const product = body.mul(x, y);
      const results = g.apply('region', [gates, gates, at(left), at(right)], {
        gateIndex: i % 2,
        stopped: [false, false],
        body: body.build([
          { name: 'product', value: product },
          { name: 'negated', value: body.neg(x) },
        ]),
      });
      values.push(...results);
    }
  }
  return g.build(wanted.map((index, i) => ({ name: `output${i}`, value: at(index) })));
}

describe('any graph', () => {
  const feedsOf = (gates: readonly number[]): Record<string, Tensor> => ({
    gates: tensor([2], gates),
    a: random([3], 1),
    b: random([3], 2),
  });

  it('has the same outputs when pruned', () => {
    fc.assert(
      fc.property(programs, ({ steps, wanted, gates }) => {
        const graph = traceSteps(steps, wanted);
        const pruned = prune(graph);
        expect(pruned.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
        expect(interpret(pruned, feedsOf(gates))).toEqual(interpret(graph, feedsOf(gates)));
      }),
    );
  });

  it('does not change when pruned again', () => {
    fc.assert(
      fc.property(programs, ({ steps, wanted }) => {
        const once = prune(traceSteps(steps, wanted));
        const twice = prune(once);
        expect(printGraph(twice)).toBe(printGraph(once));
      }),
    );
  });
});
