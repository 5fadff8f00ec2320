import { describe, expect, it } from 'vitest';
import { bodiesOf } from '../../../graphs/bodies.js';
import { Builder } from '../../../graphs/builder.js';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import type { Graph, Node, OperationName } from '../../../graphs/ir.js';
import { compositionOf, expandOperations } from '../../../graphs/passes/expand-operations.js';
import { defined, expectClose, random } from '../../support/tensors.js';

const without =
  (...missing: readonly OperationName[]) =>
  ({ op }: Node): boolean =>
    !missing.includes(op);

function operationsOf({ nodes }: Graph): string[] {
  return nodes.map(({ op }) => op);
}

/** Negates in a region what a region in it has negated and rectified. */
function nested(): Graph {
  const g = new Builder();
  const gates = g.input('gates', [2], 'bool');
  const options = { gates, backwardGates: gates, gateIndex: 0 };
  const y = g.region(options, [g.input('x', [3]), gates], (body, inner) => {
    const [x, open] = inner.map(defined);
    const deeper = { gates: defined(open), backwardGates: defined(open), gateIndex: 1 };
    return body.neg(body.region(deeper, [defined(x)], (deep, [z]) => deep.relu(deep.neg(defined(z)))));
  });
  return g.build([{ name: 'y', value: y }]);
}

describe('expandOperations', () => {
  it('leaves the very graph where nothing lacks a rule, and an operation that has no composition', () => {
    const graph = nested();
    expect(expandOperations(graph, () => true)).toBe(graph);
    expect(expandOperations(graph, without('relu', 'region'))).toBe(graph);
  });

  it('replaces operations in bodies, and in bodies of those', () => {
    const graph = nested();
    const expanded = expandOperations(graph, without('neg'));
    const [body] = expanded.nodes.flatMap(bodiesOf);
    expect(operationsOf(defined(body))).toEqual(['region', 'constant', 'mul']);
    const [inner] = defined(body).nodes.flatMap(bodiesOf);
    expect(operationsOf(defined(inner))).toEqual(['constant', 'mul', 'relu']);
    for (const gates of [
      [1, 1],
      [1, 0],
      [0, 1],
    ]) {
      const feeds = { gates: tensor([2], gates), x: random([3]) };
      expectClose(interpret(expanded, feeds).y, defined(interpret(graph, feeds).y));
    }
  });

  it('goes on in a composition, as far as rules are lacking', () => {
    const g = new Builder();
    const inputs = [g.input('dy', [1, 2, 1, 1]), g.input('a', [1, 1, 1, 1]), g.input('b', [1, 1, 1, 1])];
    const dx = g.within('there', () => g.one('factorizedReduceInputGrad', inputs, {}));
    const graph = g.build([{ name: 'dx', value: dx }]);
    const gradients = ['conv2dInputGrad', 'conv2dInputGrad', 'pad', 'pad', 'add'];
    const once = expandOperations(graph, without('factorizedReduceInputGrad'));
    expect(operationsOf(once)).toEqual(['split', ...gradients]);
    const whole = expandOperations(graph, without('factorizedReduceInputGrad', 'split'));
    expect(operationsOf(whole)).toEqual(['slice', 'slice', ...gradients]);
    expect(new Set(whole.nodes.map(({ path }) => path))).toEqual(new Set(['there']));
    expect(whole.outputs[0]?.value).toBe(dx);
    expect(whole.nodes.at(-1)?.outputs[0]).toBe(dx);
  });

  it('makes no result that nobody reads', () => {
    const g = new Builder();
    const [, middle] = g.split(g.input('x', [6]), 0, [1, 2, 3]);
    const graph = g.build([{ name: 'y', value: defined(middle) }]);
    const { nodes } = expandOperations(graph, without('split'));
    expect(nodes.map(({ op, attributes }) => [op, attributes])).toEqual([
      ['slice', { axis: 0, start: 1, end: 3 }],
    ]);
  });
});

describe('compositionOf', () => {
  it('is a graph from the inputs of a node to its results', () => {
    const g = new Builder();
    const y = g.neg(g.input('x', [2]));
    const node = defined(g.nodes[0]);
    const composition = defined(compositionOf(node, () => true));
    expect(composition.inputs).toBe(node.inputs);
    expect(composition.outputs.map(({ value }) => value)).toEqual([y]);
    expect(composition.outputs[0]?.value).toBe(y);
  });

  it('is none of an operation that is not composed of others', () => {
    const g = new Builder();
    g.relu(g.input('x', [2]));
    expect(compositionOf(defined(g.nodes[0]), () => true)).toBeUndefined();
  });
});
