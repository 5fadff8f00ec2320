import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAugmentation, drawTransform, IDENTITY } from '../../../src/data/augment.js';
import { openStream } from '../../../src/random.js';
import { expectRefusal } from '../../datasets/helpers.js';

describe('drawTransform', () => {
  it('draws nothing when everything is off', () => {
    const stream = openStream(1, 'batches');
    expect(drawTransform({ cropPadding: 0, cutout: 0, flip: false }, 5, 5, stream)).toEqual(IDENTITY);
    expect(stream.state().count).toBe(0);
  });

  it('stays in range: shifts within the padding, cutouts within the image', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(5), fc.nat(20), (seed, cropPadding, cutout) => {
        const transform = drawTransform({ cropPadding, cutout }, 9, 7, openStream(seed, 'batches'));
        expect(Math.abs(transform.shiftY)).toBeLessThanOrEqual(cropPadding);
        expect(Math.abs(transform.shiftX)).toBeLessThanOrEqual(cropPadding);
        expect(transform.cutout === undefined).toBe(cutout === 0);
        if (transform.cutout === undefined) return;
        const { top, bottom, left, right } = transform.cutout;
        expect(top >= 0 && bottom <= 9 && left >= 0 && right <= 7).toBe(true);
        expect(bottom - top).toBeLessThanOrEqual(2 * Math.floor(cutout / 2));
        if (cutout > 1) expect(bottom > top && right > left).toBe(true);
      }),
    );
  });

  it('reaches every shift, both flips and every cutout centre', () => {
    const stream = openStream(2, 'batches');
    const draws = Array.from({ length: 2000 }, () =>
      drawTransform({ cropPadding: 1, flip: true, cutout: 2 }, 3, 3, stream),
    );
    expect(new Set(draws.map(({ shiftY, shiftX }) => `${shiftY} ${shiftX}`)).size).toBe(9);
    expect(new Set(draws.map(({ cutout }) => JSON.stringify(cutout))).size).toBe(9);
    expect(draws.filter(({ flipped }) => flipped).length / 2000).toBeCloseTo(0.5, 1);
  });
});

describe('checkAugmentation', () => {
  it('refuses negative and broken pixels', async () => {
    for (const pixels of [-1, 0.5, Number.NaN]) {
      await expectRefusal(() => checkAugmentation({ cropPadding: pixels }), 'usage', /where: +cropPadding/);
      await expectRefusal(() => checkAugmentation({ cutout: pixels }), 'usage', /where: +cutout/);
    }
  });
});
