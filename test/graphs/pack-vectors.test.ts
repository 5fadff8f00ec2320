// Vectors that travel together arrive as they were.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { interpret } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import { packVectors } from '../../graphs/pack-vectors.js';
import { defined, expectClose, random } from '../support/tensors.js';

describe('packVectors', () => {
  it('joins all vectors into one, behind what is none, and cuts them apart again', () => {
    const g = new Builder();
    const values = [g.input('a', [3]), g.input('m', [2, 2]), g.input('b', [4]), g.input('n', [])];
    const [a, m, b, n] = values;
    const { whole, pack, unpack } = packVectors(values, 'there');
    expect(whole.map(({ shape }) => shape)).toEqual([[2, 2], [], [7]]);
    expect(whole.slice(0, 2)).toEqual([m, n]);
    const outputs = [a, b].map((value, i) => ({ name: `vector${i}`, value: defined(value) }));
    const feeds = { a: random([3], 1), m: random([2, 2], 2), b: random([4], 3), n: random([], 4) };
    const results = interpret(
      { inputs: g.build([]).inputs, nodes: [...pack], outputs: packed(whole) },
      feeds,
    );
    const there = new Map(whole.map((value, i) => [value, defined(results[`whole${i}`])]));
    const after = interpret({ inputs: whole, nodes: [...unpack], outputs }, there);
    expectClose(after.vector0, feeds.a);
    expectClose(after.vector1, feeds.b);
  });

  it('leaves one vector alone, and labels and truth values', () => {
    const g = new Builder();
    const values = [g.input('a', [3]), g.input('labels', [5], 'int64'), g.input('gates', [5], 'bool')];
    expect(packVectors(values, '')).toEqual({ whole: values, pack: [], unpack: [] });
  });
});

function packed(whole: readonly Value[]) {
  return whole.map((value, i) => ({ name: `whole${i}`, value }));
}
