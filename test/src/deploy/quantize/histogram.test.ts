import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Extremes, Histogram } from '../../../../src/deploy/quantize/histogram.js';
import { openStream } from '../../../../src/random.js';

function rangeOf(method: 'percentile' | 'mse', ...batches: readonly Iterable<number>[]) {
  const histogram = new Histogram(method);
  for (const batch of batches) histogram.add(Float32Array.from(batch), 'values');
  return histogram.range();
}

const normal = (count: number, seed = 1): number[] => {
  const stream = openStream(seed, 'histogram-test');
  return Array.from({ length: count }, () => stream.normal());
};

describe('Extremes', () => {
  it('are the least and the largest, and 0', () => {
    const extremes = new Extremes();
    extremes.add(Float32Array.of(1, 3), 'values');
    expect(extremes.range()).toEqual({ min: 0, max: 3 });
    extremes.add(Float32Array.of(-2, 2.5), 'values');
    expect(extremes.range()).toEqual({ min: -2, max: 3 });
  });

  it('are not found where there are no numbers', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => new Extremes().add(Float32Array.of(1, value, 2), 'cells.0')).toThrow(/cells\.0/);
  });
});

describe('percentile', () => {
  it('cuts a ten-thousandth of the elements off on each side', () => {
    const evenly = Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 20_000);
    const outliers = [...Array.from({ length: 4 }, () => 8), -4, -4, -4];
    const { min, max } = rangeOf('percentile', [...evenly, ...outliers]);
    // Bins are 1/256 wide.
    expect(max).toBeGreaterThanOrEqual(0.99);
    expect(max).toBeLessThan(1.01);
    expect(min).toBeLessThanOrEqual(-0.99);
    expect(min).toBeGreaterThan(-1.01);
  });

  it('keeps what is not rare', () => {
    expect(rangeOf('percentile', [1, 2, 3, -1]).max).toBeCloseTo(3, 2);
  });
});

describe('mse', () => {
  /** What quantization to the range does to the elements, found by doing it. */
  function error(values: readonly number[], { min, max }: { min: number; max: number }): number {
    const step = (max - min) / 255;
    return values.reduce((sum, value) => {
      const inside = Math.min(Math.max(value, min), max);
      return sum + (Math.round((inside - min) / step) * step + min - value) ** 2;
    }, 0);
  }

  it('leaves a lone outlier out where that helps all others, and loses less than a range with it', () => {
    const values = [...normal(50_000), 40];
    const range = rangeOf('mse', values);
    expect(range.max).toBeLessThan(40);
    expect(error(values, range)).toBeLessThan(error(values, { min: Math.min(...values), max: 40 }));
  });

  it('is at least as good as all ranges around it', () => {
    const values = normal(20_000, 2);
    const range = rangeOf('mse', values);
    const best = error(values, range);
    for (const factor of [0.7, 0.85, 1.15, 1.4])
      expect(best).toBeLessThan(error(values, { min: range.min * factor, max: range.max * factor }));
  });

  it('needs no negative side for what a ReLU yields, and no range for zeros', () => {
    const range = rangeOf(
      'mse',
      normal(1000).map((value) => Math.max(value, 0)),
    );
    expect(range.min + 0).toBe(0);
    expect(range.max).toBeGreaterThan(1);
    expect(rangeOf('mse', [0, 0, 0])).toEqual({ min: 0, max: 0 });
  });
});

describe('batches', () => {
  it('come to the same range, in whatever order their magnitudes are', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2 }), (values) => {
        const middle = Math.floor(values.length / 2);
        for (const method of ['percentile', 'mse'] as const) {
          const whole = rangeOf(method, values);
          const parts = rangeOf(method, values.slice(0, middle), values.slice(middle));
          // Bins may have become up to twice as wide.
          const tolerance = (4 * Math.max(...values.map(Math.abs))) / 128 + 1e-6;
          expect(Math.abs(whole.max - parts.max)).toBeLessThanOrEqual(tolerance);
          expect(Math.abs(whole.min - parts.min)).toBeLessThanOrEqual(tolerance);
        }
      }),
    );
  });

  it('grow by bins that are joined', () => {
    const small = Array.from({ length: 1000 }, (_, i) => (i + 1) / 1000);
    const { max } = rangeOf('percentile', small, [64], small, ...Array.from({ length: 20 }, () => small));
    expect(max).toBeGreaterThan(0.95);
    expect(max).toBeLessThan(1.1);
  });
});
