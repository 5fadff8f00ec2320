// Numbers in the place of names: the same results, in bodies too, and no name left.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { interpret } from '../../../graphs/interpret/interpret.js';
import { bindShapes, symbolsOf } from '../../../graphs/passes/bind-shapes.js';
import { printGraph } from '../../../graphs/print.js';
import { times } from '../../../graphs/shapes.js';
import { defined, expectClose, random } from '../../support/tensors.js';

function recurrence() {
  const g = new Builder();
  const [h, x, w] = [g.input('h', ['batch', 3]), g.input('x', ['steps', 'batch', 3]), g.input('w', [3, 3])];
  const { results } = g.scan({ states: [h], sequences: [x], captures: [w] }, (body, inner) => {
    const next = body.tanh(
      body.add(body.matMul(defined(inner.states[0]), defined(inner.captures[0])), defined(inner.elements[0])),
    );
    return { states: [next], results: [next] };
  });
  const rows = g.reshape(defined(results[0]), [times('steps', 'batch'), 3]);
  const wide = g.expand(g.reduceSum(rows, [0], true), [times('steps', 'batch'), 3]);
  return g.build([{ name: 'rows', value: g.add(rows, wide) }]);
}

describe('binding shapes', () => {
  const graph = recurrence();
  const sizes = new Map([
    ['steps', 4],
    ['batch', 2],
  ]);

  it('knows the names', () => {
    expect(symbolsOf(graph)).toEqual(['batch', 'steps']);
  });

  it('leaves none of them, and the results as they are', () => {
    const bound = bindShapes(graph, sizes);
    expect(printGraph(bound)).not.toMatch(/\[[^\]]*(steps|batch)/);
    const feeds = { h: random([2, 3], 1), x: random([4, 2, 3], 2), w: random([3, 3], 3) };
    const expected = defined(interpret(graph, feeds).rows);
    expectClose(interpret(bound, feeds).rows, expected, { absolute: 0, relative: 0 }, 'rows');
  });

  it('keeps a graph without names as it is', () => {
    const bound = bindShapes(graph, sizes);
    expect(bindShapes(bound, new Map())).toBe(bound);
    expect(symbolsOf(bound)).toEqual([]);
  });
});
