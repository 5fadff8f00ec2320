import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holm,
  kendallTau,
  nonNegative,
  signTest,
  studentQuantile,
  studentTail,
  summarise,
  summarisePairs,
} from '../../src/statistics.js';

describe('studentQuantile', () => {
  // Two-sided, from the tables that every textbook has.
  it.each([
    [0.95, 1, 12.7062047],
    [0.95, 2, 4.3026527],
    [0.95, 3, 3.1824463],
    [0.95, 4, 2.7764451],
    [0.95, 9, 2.2621572],
    [0.95, 30, 2.0422725],
    [0.95, 120, 1.9799304],
    [0.99, 2, 9.9248432],
    [0.99, 5, 4.032143],
    [0.9, 7, 1.8945786],
    [0.5, 1, 1],
  ])('of %f at %i degrees of freedom is %f', (probability, degrees, expected) => {
    expect(studentQuantile(probability, degrees)).toBeCloseTo(expected, 6);
  });
});

describe('summarise', () => {
  it('gives mean, standard deviation and interval of a sample done by hand', () => {
    // Squared deviations 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32 around 5, over 7; t = 2.3646243.
    const summary = summarise([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(summary?.n).toBe(8);
    expect(summary?.mean).toBe(5);
    expect(summary?.standardDeviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
    const half = (2.3646243 * Math.sqrt(32 / 7)) / Math.sqrt(8);
    expect(summary?.interval?.[0]).toBeCloseTo(5 - half, 6);
    expect(summary?.interval?.[1]).toBeCloseTo(5 + half, 6);
  });

  it('claims no spread of one number, and nothing of none', () => {
    expect(summarise([0.25])).toEqual({ n: 1, mean: 0.25, standardDeviation: null, interval: null });
    expect(summarise([])).toBeUndefined();
    // The sum of three of these, divided by three, is not the number.
    expect(summarise([0.059178, 0.059178, 0.059178])).toMatchObject({ mean: 0.059178, standardDeviation: 0 });
  });

  it('claims nothing where the mean cannot be, and the same everywhere else', () => {
    expect(summarise([1, 9], nonNegative)?.interval).toEqual([0, summarise([1, 9])?.interval?.[1]]);
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(shares, (values) => {
        const [whole, cut] = [summarise(values)!, summarise(values, [0, 1])!];
        expect({ ...cut, interval: null }).toEqual({ ...whole, interval: null });
        const [low, high] = whole.interval!;
        expect(cut.interval).toEqual([Math.max(low, 0), Math.min(high, 1)]);
        expect(cut.interval![0]).toBeLessThanOrEqual(cut.mean);
        expect(cut.interval![1]).toBeGreaterThanOrEqual(cut.mean);
      }),
    );
  });

  it('moves and scales with its numbers', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: -50, max: 50 }), (values, shift) => {
        const before = summarise(values)!;
        const after = summarise(values.map((value) => 3 * value + shift))!;
        expect(after.mean).toBeCloseTo(3 * before.mean + shift, 8);
        expect(after.standardDeviation!).toBeCloseTo(3 * before.standardDeviation!, 8);
        expect(after.interval![1] - after.interval![0]).toBeCloseTo(
          3 * (before.interval![1] - before.interval![0]),
          6,
        );
      }),
    );
  });
});

describe('summarisePairs', () => {
  it('subtracts seed by seed, whatever the order, over the seeds that both have', () => {
    const values = new Map([
      [1, 0.9],
      [2, 0.7],
      [3, 0.8],
      [9, 0.1],
    ]);
    const reference = new Map([
      [3, 0.75],
      [1, 0.85],
      [2, 0.65],
    ]);
    const summary = summarisePairs(values, reference);
    expect(summary?.n).toBe(3);
    expect(summary?.mean).toBeCloseTo(0.05, 12);
    // Every difference is the same, however far the seeds lie apart.
    expect(summary?.standardDeviation).toBeCloseTo(0, 12);
    expect(summarisePairs(values, new Map())).toBeUndefined();
  });
});

describe('kendallTau', () => {
  it('is 1 for the same order, -1 for the opposite, and counts ties', () => {
    expect(kendallTau([1, 2, 3, 4], [10, 20, 30, 40])).toBe(1);
    expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
    // 4 concordant and 1 discordant of 6 pairs, one of them a tie of the first list.
    expect(kendallTau([1, 1, 2, 3], [1, 2, 3, 2.5])).toBeCloseTo(3 / Math.sqrt(5 * 6), 12);
    expect(kendallTau([1, 1], [1, 2])).toBeUndefined();
  });
});

describe('signTest', () => {
  it('is the tail of the binomial distribution, on both sides', () => {
    expect(signTest([1, 1, 1, 1, 1])).toBeCloseTo(2 / 32, 12);
    expect(signTest([1, 1, 1, 1, -1, 0])).toBeCloseTo((2 * 6) / 32, 12);
    expect(signTest([1, -1])).toBe(1);
    expect(signTest([])).toBe(1);
  });
});

describe('studentTail', () => {
  it('is what lies beyond the quantile', () => {
    for (const degrees of [1, 2, 7, 29]) {
      const t = studentQuantile(0.95, degrees);
      expect(studentTail(t, degrees)).toBeCloseTo(0.05, 10);
      expect(studentTail(-t, degrees)).toBeCloseTo(0.05, 10);
    }
    expect(studentTail(0, 5)).toBe(1);
  });
});

describe('holm', () => {
  it('multiplies the smallest by their number, the next by one fewer, and keeps the order', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    expect(corrected).toEqual([0.03, 0.06, 0.06, 0.02].map((value) => expect.closeTo(value, 12)));
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
