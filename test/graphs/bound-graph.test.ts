import { describe, expect, it } from 'vitest';
import { uniquelyNamed } from '../../graphs/bound-graph.js';
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
