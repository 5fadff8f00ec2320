import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../datasets/dataset.js';
import { limitImages } from '../../datasets/limit.js';
import { expectRefusal } from './helpers.js';

/** One pixel an image, which is its number. */
function numbered(labels: number[]): ImageSet {
  const images = Uint8Array.from(labels, (_, index) => index);
  return { images, labels: Uint32Array.from(labels), count: labels.length, channels: 1, height: 1, width: 1 };
}

describe('limitImages', () => {
  it('takes turns among the classes and keeps the order of the file', () => {
    const { images, labels } = limitImages(numbered([0, 0, 0, 1, 2, 2, 0, 1]), 5);
    expect([...images]).toEqual([0, 1, 3, 4, 7]);
    expect([...labels]).toEqual([0, 0, 1, 2, 1]);
  });

  it('keeps a prefix of each class, balanced as far as the classes last', () => {
    const labelled = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(labelled, fc.integer({ min: 1, max: 70 }), (all, limit) => {
        const kept = limitImages(numbered(all), limit);
        expect(kept.count).toBe(Math.min(limit, all.length));
        expect(kept.images).toHaveLength(kept.count);
        const counts = [0, 1, 2, 3, 4].map((label) => {
          const whole = all.flatMap((other, index) => (other === label ? [index] : []));
          const mine = [...kept.images].filter((index) => all[index] === label);
          expect(mine).toEqual(whole.slice(0, mine.length));
          return { kept: mine.length, exhausted: mine.length === whole.length };
        });
        const most = Math.max(...counts.map((count) => count.kept));
        for (const count of counts) expect(count.exhausted || count.kept >= most - 1).toBe(true);
      }),
    );
  });

  it('tells classes apart beyond the 256th', () => {
    const { labels } = limitImages(numbered([999, 231, 743, 999, 231]), 3);
    expect([...labels]).toEqual([999, 231, 743]);
  });

  it('refuses what is no positive integer', async () => {
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      await expectRefusal(() => limitImages(numbered([0]), limit), 'usage');
    }
  });
});
