import { describe, expect, it } from 'vitest';
import { entryGroups } from '../../../src/estimators/groups.js';
import { probabilitiesOf, relativeEntropy } from '../../../src/estimators/probabilities.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE, entryCount } from '../../../src/spaces/search-space.js';

const size = entryCount(DARTS_SPACE);
const node = { scope: 'node', parameterisation: 'softmax' } as const;

describe('entryGroups', () => {
  it('covers every entry once, by edge or by node', () => {
    expect(entryGroups(DARTS_SPACE, 'edge')).toHaveLength(14);
    expect(entryGroups(DARTS_SPACE, 'node')).toEqual([
      { start: 0, end: 16 },
      { start: 16, end: 40 },
      { start: 40, end: 72 },
      { start: 72, end: 112 },
    ]);
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
    expect(() => probabilitiesOf(new Float64Array(3), DARTS_SPACE, node)).toThrow(/112 values \(14 edges/);
  });
});

describe('relativeEntropy', () => {
  it('is 1 for uniform probabilities and goes to 0 as one entry of each group takes all', () => {
    const uniform = new Float64Array(size);
    expect(relativeEntropy(uniform, DARTS_SPACE, node)).toBeCloseTo(1, 12);
    const decided = uniform.slice();
    for (const { start } of entryGroups(DARTS_SPACE, 'node')) decided[start] = 50;
    expect(relativeEntropy(decided, DARTS_SPACE, node)).toBeLessThan(1e-9);
    const zeros = new Float64Array(size).fill(-1);
    for (const { start } of entryGroups(DARTS_SPACE, 'node')) zeros[start] = 1;
    expect(relativeEntropy(zeros, DARTS_SPACE, { ...node, parameterisation: 'relu' })).toBe(0);
  });
});
