import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { independentRatio, pairedRatio, settled, summariseLatencies } from '../../../src/bench/statistics.js';
import { openStream } from '../../../src/random.js';

const series = (length: number, at: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => at(i));
const refused = expect.objectContaining({ code: 'usage' });

describe('summariseLatencies', () => {
  it('describes 1 to 200 ms, in whatever order', () => {
    const latenciesMs = openStream(1, 'order').shuffle(series(200, (i) => i + 1));
    const summary = summariseLatencies(latenciesMs, 8);
    expect(summary).toMatchObject({ runs: 200, minimumMs: 1, medianMs: 101, p90Ms: 181, p99Ms: 199 });
    // 1600 images in 20100 ms.
    expect(summary.imagesPerSecond).toBeCloseTo(1600 / 20.1, 9);
  });

  it('lets an outlier move the throughput, but not the median', () => {
    const steady = series(100, () => 2);
    const summary = summariseLatencies([...steady, 1000], 1);
    expect(summary.medianMs).toBe(2);
    expect(summary.p99Ms).toBe(2);
    expect(summary.imagesPerSecond).toBeCloseTo(101 / 1.2, 9);
  });

  it.each([[[]], [[1, 0]], [[1, Number.NaN]], [[Number.POSITIVE_INFINITY]], [[-1]]])(
    'refuses %j',
    (wrong) => {
      expect(() => summariseLatencies(wrong, 1)).toThrow(refused);
    },
  );
});

describe('settled', () => {
  it('waits for two windows', () => {
    expect(settled(series(19, () => 5))).toBe(false);
    expect(settled(series(20, () => 5))).toBe(true);
  });

  it('looks at the last two windows only', () => {
    const warming = series(20, (i) => 100 - 4 * i);
    expect(settled(warming)).toBe(false);
    expect(settled([...warming, ...series(20, () => 20)])).toBe(true);
  });

  it('does not end while the latency rises either', () => {
    expect(settled([...series(10, () => 10), ...series(10, () => 11)])).toBe(false);
    expect(settled([...series(10, () => 10), ...series(10, () => 11)], { window: 10, tolerance: 0.1 })).toBe(
      true,
    );
  });

  it('forgives single outliers', () => {
    expect(settled(series(20, (i) => (i % 7 === 3 ? 500 : 5)))).toBe(true);
  });
});

/** Rounds of 9 runs around a median, with symmetric noise that leaves the median where it is. */
const roundsAt = (medians: readonly number[]): number[][] =>
  medians.map((median) => series(9, (i) => median * (1 + 0.01 * (i - 4))));

describe('pairedRatio', () => {
  it('cancels a drift that hits both alike', () => {
    const drift = series(8, (r) => 1 + 0.3 * r);
    const found = pairedRatio(roundsAt(drift.map((d) => 6 * d)), roundsAt(drift.map((d) => 5 * d)));
    expect(found.ratio).toBeCloseTo(1.2, 12);
    expect(found.interval?.[0]).toBeCloseTo(1.2, 9);
    expect(found.interval?.[1]).toBeCloseTo(1.2, 9);
    expect(found.rounds).toBe(8);
  });

  it('gives the interval done by hand', () => {
    // Log ratios of 0.1, 0.2, 0.3: mean 0.2, standard deviation 0.1, t = 4.3026527 at 2 degrees of freedom.
    const found = pairedRatio(roundsAt([0.1, 0.2, 0.3].map(Math.exp)), roundsAt([1, 1, 1]));
    const half = (4.3026527 * 0.1) / Math.sqrt(3);
    expect(found.ratio).toBeCloseTo(Math.exp(0.2), 9);
    expect(found.interval?.[0]).toBeCloseTo(Math.exp(0.2 - half), 7);
    expect(found.interval?.[1]).toBeCloseTo(Math.exp(0.2 + half), 7);
  });

  it('is not moved by slow runs inside of rounds, and widens for a slow round', () => {
    const flat = roundsAt(series(6, () => 4));
    const withOutliers = flat.map((round) => [...round.slice(0, 8), 4000]);
    expect(pairedRatio(withOutliers, flat).ratio).toBeCloseTo(1, 12);
    const oneSlow = roundsAt([4, 4, 40, 4, 4, 4]);
    const [low, high] = pairedRatio(oneSlow, flat).interval!;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(2);
  });

  it('claims no interval of one round, and one without width of constant rounds', () => {
    expect(pairedRatio([[2]], [[1]])).toEqual({ ratio: 2, interval: null, rounds: 1 });
    expect(pairedRatio([[3], [3]], [[3], [3]])).toEqual({ ratio: 1, interval: [1, 1], rounds: 2 });
  });

  it('is reciprocal', () => {
    const rounds = fc.array(fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 })), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(rounds, (pairs) => {
        const [a, b] = [pairs.map(([x]) => [x]), pairs.map(([, y]) => [y])];
        const [there, back] = [pairedRatio(a, b), pairedRatio(b, a)];
        expect(there.ratio * back.ratio).toBeCloseTo(1, 9);
        expect(Math.log(there.interval![0])).toBeCloseTo(-Math.log(back.interval![1]), 8);
      }),
    );
  });

  it('holds the true ratio in about 95 of 100 benchmarks of five noisy, drifting rounds', () => {
    const stream = openStream(3, 'coverage');
    const benchmarks = 1000;
    let held = 0;
    for (let i = 0; i < benchmarks; i++) {
      const drift = series(5, () => Math.exp(0.5 * stream.normal()));
      const noisy = (true_: number): number[][] =>
        drift.map((d) => [true_ * d * Math.exp(0.05 * stream.normal())]);
      const [low, high] = pairedRatio(noisy(1.1), noisy(1)).interval!;
      if (low <= 1.1 && 1.1 <= high) held += 1;
    }
    // The standard deviation of the share is 0.007.
    expect(held / benchmarks).toBeGreaterThan(0.925);
    expect(held / benchmarks).toBeLessThan(0.975);
  });

  it.each([
    ['different numbers of rounds', [[1]], [[1], [1]]],
    ['no rounds', [], []],
    ['an empty round', [[1], []], [[1], [1]]],
  ])('refuses %s', (_, one, other) => {
    expect(() => pairedRatio(one, other)).toThrow(refused);
  });
});

describe('independentRatio', () => {
  it('gives the interval of Welch, done by hand', () => {
    // Logs 0, 0.1, 0.2 (variance 0.01) and 0, 0.2, 0.4, 0.6 (variance 1/15): 0.01/3 + 1/60 = 0.02, and
    // 0.02^2 / ((1/300)^2/2 + (1/60)^2/3) = 4.08, of which 4 are counted: t = 2.7764451.
    const [one, other] = [roundsAt([0, 0.1, 0.2].map(Math.exp)), roundsAt([0, 0.2, 0.4, 0.6].map(Math.exp))];
    const found = independentRatio(one, other);
    const half = 2.7764451 * Math.sqrt(0.02);
    expect(found.ratio).toBeCloseTo(Math.exp(-0.2), 9);
    expect(found.interval?.[0]).toBeCloseTo(Math.exp(-0.2 - half), 7);
    expect(found.interval?.[1]).toBeCloseTo(Math.exp(-0.2 + half), 7);
    expect(found.rounds).toBe(3);
  });

  it('does not cancel what both have in common: it was measured at different times', () => {
    const drift = series(8, (r) => 1 + 0.3 * r);
    const [one, other] = [roundsAt(drift.map((d) => 6 * d)), roundsAt(drift.map((d) => 5 * d))];
    const [low, high] = independentRatio(one, other).interval!;
    expect(high / low).toBeGreaterThan(1.5);
  });

  it('takes constant series, and claims no interval of a single round', () => {
    expect(independentRatio([[3], [3]], [[3], [3], [3]])).toEqual({ ratio: 1, interval: [1, 1], rounds: 2 });
    expect(independentRatio([[1]], [[1], [1]])).toEqual({ ratio: 1, interval: null, rounds: 1 });
    expect(() => independentRatio([], [[1]])).toThrow(refused);
  });
});
