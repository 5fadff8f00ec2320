import { describe, expect, it } from 'vitest';
import type { Fetches } from '../../../src/engines/engine.js';
import { isBetter, type Measures, Meter, type Metric, meterSchema } from '../../../src/loop/meter.js';

const share: Metric = {
  name: 'share',
  title: 'Share',
  better: 'higher',
  of: (means) => means.get('right')![0]!,
  format: String,
};
/** Of a vector: how much lies on the diagonal of a 2x2 confusion matrix. */
const diagonal: Metric = {
  name: 'diagonal',
  title: 'Diagonal',
  better: 'lower',
  of: (means) => {
    const [a, , , d] = means.get('confusion')!;
    return a! + d!;
  },
  format: String,
};
const measures: Measures = {
  examples: 'things',
  reports: ['right', 'confusion'],
  metrics: [share, diagonal],
};

function step(loss: number, right: number, confusion: readonly number[]): Fetches {
  const vector = (values: readonly number[]) => ({
    shape: [values.length],
    data: Float32Array.from(values),
  });
  return { loss: vector([loss]), right: vector([right]), confusion: vector(confusion), other: vector([9]) };
}

describe('Meter', () => {
  it('weighs what batches report with their examples', () => {
    const meter = new Meter(measures);
    meter.add(step(2, 0.5, [1, 0, 0, 0]), 30);
    meter.add(step(1, 1, [0, 0.5, 0, 0.5]), 10);
    expect(meter.scores()).toEqual({
      loss: (2 * 30 + 1 * 10) / 40,
      share: (0.5 * 30 + 10) / 40,
      diagonal: (30 + 5) / 40,
    });
  });

  it('goes on from what it wrote down', () => {
    const whole = new Meter(measures);
    const first = new Meter(measures);
    for (const meter of [whole, first]) meter.add(step(0.3, 0.1, [0.1, 0.2, 0.3, 0.4]), 7);
    const second = new Meter(measures, JSON.parse(JSON.stringify(first.state())));
    for (const meter of [whole, second]) meter.add(step(0.7, 0.9, [0.4, 0.3, 0.2, 0.1]), 5);
    expect(second.state()).toEqual(whole.state());
    expect(second.scores()).toEqual(whole.scores());
  });

  it('has no figures of no examples', () => {
    expect(new Meter(measures).scores()).toEqual({
      loss: Number.NaN,
      share: Number.NaN,
      diagonal: Number.NaN,
    });
  });

  it('adds up what is counted, as it is, and goes on from what it wrote down', () => {
    const counting: Measures = {
      ...measures,
      reports: ['right'],
      totals: ['confusion'],
      metrics: [{ ...share, of: (_, totals) => totals.get('confusion')![3]! }],
    };
    const first = new Meter(counting);
    first.add(step(1, 1, [1, 2, 3, 4]), 3);
    const { confusion: _, ...lacking } = step(1, 1, []);
    first.add(lacking, 5);
    const second = new Meter(counting, meterSchema.parse(JSON.parse(JSON.stringify(first.state()))));
    second.add(step(1, 1, [10, 0, 0, 10]), 7);
    expect(second.totals()).toEqual(new Map([['confusion', Float64Array.of(11, 2, 3, 14)]]));
    expect(second.scores().share).toBe(14);
    expect(new Meter(measures).state()).not.toHaveProperty('totals');
  });

  it('misses a report that a step does not give', () => {
    const { confusion: _, ...lacking } = step(1, 1, []);
    expect(() => new Meter(measures).add(lacking, 1)).toThrow(
      expect.objectContaining({ code: 'engine', message: expect.stringContaining('confusion') }),
    );
  });
});

describe('isBetter', () => {
  const lower: Measures = { ...measures, metrics: [diagonal, share] };

  it('goes by the first metric, up or down as it says', () => {
    expect(isBetter(measures, { share: 0.6, diagonal: 9 }, 0.5)).toBe(true);
    expect(isBetter(measures, { share: 0.5, diagonal: 0 }, 0.5)).toBe(false);
    expect(isBetter(lower, { share: 0, diagonal: 0.4 }, 0.5)).toBe(true);
    expect(isBetter(lower, { share: 1, diagonal: 0.5 }, 0.5)).toBe(false);
  });

  it('takes anything for better than nothing, and what is no number for better than nothing else', () => {
    expect(isBetter(lower, { diagonal: 1e9 }, undefined)).toBe(true);
    expect(isBetter(lower, { diagonal: Number.NaN }, undefined)).toBe(true);
    expect(isBetter(lower, { diagonal: Number.NaN }, 1e9)).toBe(false);
  });
});
