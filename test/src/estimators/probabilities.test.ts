import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryGroups } from '../../../src/estimators/groups.js';
import { probabilitiesOf, relativeEntropies, rowsByEdge } from '../../../src/estimators/probabilities.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { edgeCount, entryCount } from '../../../src/spaces/search-space.js';
import { spaces } from '../spaces/arbitrary.js';

const size = entryCount(DARTS_SPACE);
const node = { scope: 'node', parameterisation: 'softmax' } as const;

describe('entryGroups', () => {
  it('covers every entry once, by edge or by node', () => {
    expect(entryGroups(DARTS_SPACE, 'edge')).toHaveLength(28);
    expect(entryGroups(DARTS_SPACE, 'node')).toEqual([
      { start: 0, end: 16 },
      { start: 16, end: 40 },
      { start: 40, end: 72 },
      { start: 72, end: 112 },
      { start: 112, end: 128 },
      { start: 128, end: 152 },
      { start: 152, end: 184 },
      { start: 184, end: 224 },
    ]);
    fc.assert(
      fc.property(spaces, fc.constantFrom('edge', 'node'), (space, scope) => {
        const entries = entryGroups(space, scope).flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(entries).toEqual(Array.from({ length: entryCount(space) }, (_, entry) => entry));
      }),
    );
  });
});

describe('probabilitiesOf', () => {
  it('sums to 1 in every group', () => {
    const stream = openStream(1, 'alphas');
    const alphas = Float64Array.from({ length: size }, () => stream.normal());
    for (const scope of ['edge', 'node'] as const) {
      for (const parameterisation of ['softmax', 'relu'] as const) {
        const p = probabilitiesOf(alphas, DARTS_SPACE, { scope, parameterisation });
        for (const { start, end } of entryGroups(DARTS_SPACE, scope)) {
          expect(p.subarray(start, end).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }
    }
  });

  it('refuses alphas of another space', () => {
    expect(() => probabilitiesOf(new Float64Array(3), DARTS_SPACE, node)).toThrow(
      /224 values \(normal: 14 edges x 8 primitives; reduce: 14/,
    );
  });
});

describe('relativeEntropies', () => {
  it('are 1 for uniform probabilities and go to 0 as one entry of each group takes all', () => {
    const uniform = new Float64Array(size);
    const even = { normal: expect.closeTo(1, 12), reduce: expect.closeTo(1, 12) };
    expect(relativeEntropies(uniform, DARTS_SPACE, node)).toEqual(even);
    const decided = uniform.slice();
    // Those of the normal cell only.
    for (const { start } of entryGroups(DARTS_SPACE, 'node').slice(0, 4)) decided[start] = 50;
    const { normal, reduce } = relativeEntropies(decided, DARTS_SPACE, node);
    expect(normal).toBeLessThan(1e-9);
    expect(reduce).toBeCloseTo(1, 12);
    const zeros = new Float64Array(size).fill(-1);
    for (const { start } of entryGroups(DARTS_SPACE, 'node')) zeros[start] = 1;
    const relu = { ...node, parameterisation: 'relu' } as const;
    expect(relativeEntropies(zeros, DARTS_SPACE, relu)).toEqual({ normal: 0, reduce: 0 });
  });
});

describe('rowsByEdge', () => {
  it('cuts a vector into cell types and edges, and nothing is lost', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        const values = Float64Array.from({ length: entryCount(space) }, (_, entry) => entry);
        const rows = rowsByEdge(values, space);
        expect(Object.values(rows).flat(2)).toEqual([...values]);
        for (const type of space.cellTypes) {
          expect(rows[type.name]).toHaveLength(edgeCount(type));
          expect(rows[type.name]?.every((row) => row.length === type.primitives.length)).toBe(true);
        }
      }),
    );
  });
});
