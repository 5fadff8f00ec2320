import { describe, expect, it } from 'vitest';
import { uniquelyNamed, withNodes } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';

function named(...names: string[]): string[] {
  const weights = names.map((name, i) => {
    const value: Value = { shape: [1], dtype: 'float32', path: name };
    return [value, { name, data: Float32Array.of(i) }] as const;
  });
  const renamed = [...uniquelyNamed(new Map(weights))];
  expect(renamed.map(([value, { data }]) => [value, data])).toEqual(
    weights.map(([value, { data }]) => [value, data]),
  );
  return renamed.map(([, { name }]) => name);
}

describe('uniquelyNamed', () => {
  it('keeps names that only one weight has', () => {
    expect(named('a', 'b/1', 'b')).toEqual(['a', 'b/1', 'b']);
  });

  it('counts the later ones of a name, past the names that others have', () => {
    expect(named('w', 'w', 'v', 'w')).toEqual(['w', 'w/1', 'v', 'w/2']);
    expect(named('w', 'w', 'w/1', 'w')).toEqual(['w', 'w/2', 'w/1', 'w/3']);
    expect(named('w/1', 'w', 'w', 'w/1')).toEqual(['w/1', 'w', 'w/2', 'w/1/1']);
  });
});

describe('withNodes', () => {
  it('keeps what is fed, and the weights that a node reads or that are given out', () => {
    const g = new Builder();
    const [fed, unread, ...weights] = ['fed', 'unread', 'read', 'out', 'old'].map((name) =>
      g.input(name, [1]),
    );
    const [read, out, old] = weights;
    if (!fed || !unread || !read || !out || !old) throw new RangeError();
    const sum = g.add(fed, read);
    const graph = g.build([
      { name: 'sum', value: sum },
      { name: 'out', value: out },
    ]);
    const bind = (values: readonly Value[]) =>
      new Map(values.map((value) => [value, { name: 'w', data: Float32Array.of(1) }] as const));
    const after = withNodes({ graph, weights: bind([read, out, old]) }, graph.nodes, bind([old, out, read]));
    expect(after.graph).toEqual({ ...graph, inputs: [fed, unread, out, read] });
    expect([...after.weights.values()].map(({ name }) => name)).toEqual(['w', 'w/1']);
  });
});
