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
    expect(summary).toMatchObject({ runs: 200, minimumMs: 1, medianMs: 100.5, p90Ms: 180, p99Ms: 198 });
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
    // Log ratios of 1, 2, ... tenths. P(X < k) in 6, 9, 10 and 16 trials is at most 2.5 % for k of 1, 2, 2 and 4.
    for (const [rounds, rank] of [
      [6, 1],
      [8, 1],
      [9, 2],
      [10, 2],
      [16, 4],
    ] as const) {
      const logs = series(rounds, (i) => (i + 1) / 10);
      const found = pairedRatio(roundsAt(logs.map(Math.exp)), roundsAt(logs.map(() => 1)));
      expect(found.ratio).toBeCloseTo(Math.exp((rounds + 1) / 20), 9);
      expect(found.interval?.[0]).toBeCloseTo(Math.exp(rank / 10), 9);
      expect(found.interval?.[1]).toBeCloseTo(Math.exp((rounds + 1 - rank) / 10), 9);
    }
  });

  it('is moved neither by slow runs inside of rounds nor by a slow round', () => {
    const flat = roundsAt(series(10, () => 4));
    const withOutliers = flat.map((round) => [...round.slice(0, 8), 4000]);
    expect(pairedRatio(withOutliers, flat).ratio).toBeCloseTo(1, 12);
    const oneSlow = roundsAt(series(10, (i) => (i === 3 ? 40 : 4)));
    expect(pairedRatio(oneSlow, flat)).toEqual({ ratio: 1, interval: [1, 1], rounds: 10 });
    const twoSlow = roundsAt(series(10, (i) => (i < 2 ? 40 : 4)));
    expect(pairedRatio(twoSlow, flat).interval?.[1]).toBeCloseTo(10, 9);
  });

  it('claims no interval of fewer than six rounds, and one without width of constant ones', () => {
    expect(pairedRatio([[2]], [[1]])).toEqual({ ratio: 2, interval: null, rounds: 1 });
    const five = series(5, () => 3).map((ms) => [ms]);
    expect(pairedRatio(five, five)).toEqual({ ratio: 1, interval: null, rounds: 5 });
    const six = [...five, [3]];
    expect(pairedRatio(six, six)).toEqual({ ratio: 1, interval: [1, 1], rounds: 6 });
  });

  it('is reciprocal', () => {
    const rounds = fc.array(fc.tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 })), {
      minLength: 6,
      maxLength: 16,
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

  it('holds the true ratio in about 98 of 100 benchmarks of ten noisy, drifting rounds', () => {
    const stream = openStream(3, 'coverage');
    const benchmarks = 1000;
    let held = 0;
    for (let i = 0; i < benchmarks; i++) {
      const drift = series(10, () => Math.exp(0.5 * stream.normal()));
      const noisy = (true_: number): number[][] =>
        drift.map((d) => [true_ * d * Math.exp(0.05 * stream.normal())]);
      const [low, high] = pairedRatio(noisy(1.1), noisy(1)).interval!;
      if (low <= 1.1 && 1.1 <= high) held += 1;
    }
    // Ten rounds have 97.9 %; the standard deviation of the share is 0.005.
    expect(held / benchmarks).toBeGreaterThan(0.96);
    expect(held / benchmarks).toBeLessThan(0.995);
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
