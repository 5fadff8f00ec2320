// Graphs inside of nodes, and that every operation with one is known to hold it.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { bodiesOf, bodyRuns, hasBodies, mapBodies } from '../../graphs/bodies.js';
import { Builder } from '../../graphs/builder.js';
import { interpret, tensor } from '../../graphs/interpret/interpret.js';
import type { BodyOperation, Graph, Node } from '../../graphs/ir.js';
import { bodyRules } from '../../graphs/operations/index.js';
import { defined, expectClose } from '../support/tensors.js';

/** A graph whose only region negates what it gets, and rectifies it first in a region of its own. */
function nested(): { readonly graph: Graph; readonly region: Node } {
  const g = new Builder();
  const gates = g.input('gates', [2], 'bool');
  const y = g.region(
    { gates, backwardGates: gates, gateIndex: 1 },
    [g.input('x', [2]), gates],
    (body, inner) => {
      const [x, open] = inner.map(defined);
      const options = { gates: defined(open), backwardGates: defined(open), gateIndex: 0 };
      return body.neg(body.region(options, [defined(x)], (innermost, [z]) => innermost.relu(defined(z))));
    },
  );
  const graph = g.build([{ name: 'y', value: y }]);
  return { graph, region: defined(graph.nodes.find(hasBodies)) };
}

describe('bodies', () => {
  it('are those of a node itself, not those further inside', () => {
    const { region } = nested();
    const [body, ...others] = bodiesOf(region);
    expect(others).toEqual([]);
    expect(defined(body).nodes.map(({ op }) => op)).toEqual(['region', 'neg']);
    const [inner] = defined(body).nodes.flatMap(bodiesOf);
    expect(defined(inner).nodes.map(({ op }) => op)).toEqual(['relu']);
  });

  it('are none in a node of any other operation, which does not run any', () => {
    const g = new Builder();
    g.relu(g.input('x', [2]));
    const node = defined(g.nodes[0]);
    expect(hasBodies(node)).toBe(false);
    expect(bodiesOf(node)).toEqual([]);
    expect(bodyRuns(node)).toBe(0);
    expect(mapBodies(node, () => g.build([]))).toBe(node);
  });

  it('run once in a region', () => {
    expect(bodyRuns(nested().region)).toBe(1);
  });

  it('are replaced, and all else about the node stays', () => {
    const { graph, region } = nested();
    const withoutNeg = (body: Graph): Graph => ({
      ...body,
      nodes: body.nodes.filter(({ op }) => op !== 'neg'),
      outputs: body.outputs.map(({ name, value }) => {
        const producer = body.nodes.find(({ outputs }) => outputs.includes(value));
        return { name, value: defined(producer?.inputs[0]) };
      }),
    });
    const other = mapBodies(region, withoutNeg);
    expect({ ...other, attributes: {} }).toEqual({ ...region, attributes: {} });
    const feeds = { gates: tensor([2], [1, 1]), x: tensor([2], [3, -4]) };
    const after = { ...graph, nodes: graph.nodes.map((node) => (node === region ? other : node)) };
    expectClose(interpret(graph, feeds).y, tensor([2], [-3, 0]));
    expectClose(interpret(after, feeds).y, tensor([2], [3, 0]));
  });

  it('leave the very node behind where they stay as they are', () => {
    const { region } = nested();
    expect(mapBodies(region, (body) => body)).toBe(region);
  });
});

describe('operations that hold a graph', () => {
  it('are known by their attributes, and all of them have a rule', () => {
    expectTypeOf<BodyOperation>().toEqualTypeOf<keyof typeof bodyRules>();
    expectTypeOf<'region'>().toExtend<BodyOperation>();
    expectTypeOf<'conv2d' | 'constant' | 'relu'>().not.toExtend<BodyOperation>();
    expect(Object.keys(bodyRules)).toContain('region');
  });
});
