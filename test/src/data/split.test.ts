import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitIndices } from '../../../src/data/split.js';
import { openStream } from '../../../src/random.js';
import { expectRefusal } from '../../datasets/helpers.js';

const labelled = fc
  .array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 80 })
  .map((labels) => ({ labels: Uint32Array.from(labels), count: labels.length }));

describe('splitIndices', () => {
  it('is a partition, class-balanced to within one image', () => {
    fc.assert(
      fc.property(
        labelled,
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.integer(),
        (set, fraction, seed) => {
          const total = Math.round(fraction * set.count);
          fc.pre(total > 0 && total < set.count);
          const { train, validation } = splitIndices(set, fraction, openStream(seed, 'split'));
          expect(train).toHaveLength(total);
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual([...set.labels.keys()]);
          for (let label = 0; label < 5; label++) {
            const whole = set.labels.filter((other) => other === label).length;
            const mine = train.filter((index) => set.labels[index] === label).length;
            expect(Math.abs(mine - fraction * whole)).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
    );
  });

  it('depends on the stream alone', () => {
    const set = { labels: new Uint32Array(50), count: 50 };
    const split = (seed: number) => splitIndices(set, 0.5, openStream(seed, 'split'));
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  it('refuses a fraction out of range or that leaves a part empty', async () => {
    const set = { labels: new Uint32Array(10), count: 10 };
    for (const fraction of [0, 1, -0.5, 2, 0.01, 0.99, Number.NaN]) {
      const work = () => splitIndices(set, fraction, openStream(1, 'split'));
      await expectRefusal(work, 'usage', /expected: .*found: .*cure: /s);
    }
  });
});
