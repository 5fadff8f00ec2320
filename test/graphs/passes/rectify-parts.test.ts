import { describe, expect, it } from 'vitest';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { rectifyParts } from '../../../graphs/passes/rectify-parts.js';
import { bound, expectSame, operationsOf } from './bound-case.js';

function rectified({ graph, weights }: BoundGraph): BoundGraph {
  return { graph: rectifyParts(graph), weights };
}

describe('rectifyParts', () => {
  it('rectifies the parts of a concatenation, each once, whoever reads them', () => {
    const source = bound(({ g, parts, weight }) => {
      const whole = g.concat(parts, 1);
      const y = g.conv2d(g.relu(whole), weight('w', [5, 11, 1, 1]));
      return g.add(g.add(y, g.relu(parts[1])), g.conv2d(g.relu(whole), weight('v', [5, 11, 1, 1])));
    });
    const after = rectified(source);
    expect(operationsOf(after)).toEqual([
      ...['conv2d', 'neg', 'relu', 'relu', 'relu', 'concat'],
      ...['conv2d', 'add', 'conv2d', 'add'],
    ]);
    expectSame(source, after);
  });

  it('keeps a concatenation that is read as it is, too', () => {
    const source = bound(({ g, parts }) => {
      const whole = g.concat(parts, 1);
      return g.sub(whole, g.relu(whole));
    });
    expect(operationsOf(rectified(source)).filter((op) => op === 'concat')).toHaveLength(2);
    expectSame(source, rectified(source));
  });

  it('takes what is rectified already for its own ReLU', () => {
    const source = bound(({ g, parts: [a, b] }) => {
      const once = g.relu(b);
      return g.concat([g.relu(once), g.relu(g.concat([a, once], 1)), g.relu(g.relu(g.concat([a, b], 1)))], 1);
    });
    const after = rectified(source);
    const results = new Set(after.graph.nodes.flatMap(({ op, outputs }) => (op === 'relu' ? outputs : [])));
    expect(results.size).toBe(2);
    expectSame(source, after);
  });

  it('reaches through concatenations of concatenations', () => {
    const source = bound(({ g, parts: [a, b, c] }) => g.relu(g.concat([g.concat([a, b], 1), c], 1)));
    const after = rectified(source);
    const whole = new Set(
      after.graph.nodes.filter(({ op }) => op === 'concat').flatMap(({ outputs }) => outputs),
    );
    const ofWhole = after.graph.nodes.filter(({ op, inputs: [x] }) => op === 'relu' && x && whole.has(x));
    expect(ofWhole).toEqual([]);
    expectSame(source, after);
  });

  it('leaves a concatenation along another axis, and an output that is rectified', () => {
    const source = bound(({ g, parts: [a, , c] }) => g.relu(g.concat([a, c], 2)));
    expect(operationsOf(rectified(source))).toEqual(['neg', 'concat', 'relu']);
    expectSame(source, rectified(source));
  });
});
