import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../src/data/picture.js';
import { resizeBilinear, resizeNearest } from '../../../src/data/resize.js';
import { openStream } from '../../../src/random.js';
import { pil } from '../../support/pil-pictures.js';

function noise(height: number, width: number, channels = 3): Picture {
  const stream = openStream(1, `${height}x${width}x${channels}`);
  const data = Uint8Array.from({ length: height * width * channels }, () => stream.integer(256));
  return { height, width, channels, data };
}

const side = fc.integer({ min: 1, max: 24 });

describe('bilinear resizing', () => {
  it.each(
    pil.resizes.map((one) => [
      `${one.picture.height}x${one.picture.width}x${one.picture.channels} to ${one.bilinear.height}x${one.bilinear.width}`,
      one,
    ]),
  )("is PIL's, to the bit: %s", (_, { picture, bilinear }) => {
    expect(resizeBilinear(picture, bilinear)).toEqual(bilinear);
  });

  it('takes a part as PIL takes what was cropped before: nothing beside it counts', () => {
    const { picture, box, bilinear } = pil.crop;
    expect(resizeBilinear(picture, bilinear, box)).toEqual(bilinear);
  });

  it('follows the formula, within what bytes between the passes and weights of 22 bits take away', () => {
    fc.assert(
      fc.property(side, side, side, side, (height, width, toHeight, toWidth) => {
        const picture = noise(height, width, 1);
        const found = resizeBilinear(picture, { height: toHeight, width: toWidth });
        const [down, across] = [weightsOf(height, toHeight), weightsOf(width, toWidth)];
        found.data.forEach((value, at) => {
          const [y, x] = [Math.floor(at / toWidth), at % toWidth];
          let expected = 0;
          down[y]!.forEach((a, i) => {
            across[x]!.forEach((b, j) => {
              expected += a * b * picture.data[i * width + j]!;
            });
          });
          expect(Math.abs(value - expected)).toBeLessThan(1.01);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps one colour one colour, and a picture of the same size as it is, in memory of its own', () => {
    const plain: Picture = { height: 5, width: 9, channels: 3, data: new Uint8Array(135).fill(201) };
    expect(new Set(resizeBilinear(plain, { height: 17, width: 3 }).data)).toEqual(new Set([201]));
    const picture = noise(6, 7);
    const same = resizeBilinear(picture, picture);
    expect(same).toEqual(picture);
    expect(same.data).not.toBe(picture.data);
  });

  it('calculates a window as it is in the whole', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.nat(99), fc.nat(99), fc.constantFrom(1, 3), (...given) => {
        const [height, width, toHeight, toWidth, y, x, channels] = given;
        const picture = noise(height, width, channels);
        const whole = resizeBilinear(picture, { height: toHeight, width: toWidth });
        const [top, left] = [y % toHeight, x % toWidth];
        const window = {
          top,
          left,
          height: 1 + (x % (toHeight - top)),
          width: 1 + (y % (toWidth - left)),
        };
        const found = resizeBilinear(picture, whole, undefined, window);
        expect(found).toEqual(cut(whole, window));
      }),
      { numRuns: 100 },
    );
  });
});

describe('nearest resizing', () => {
  it.each(pil.resizes)("is PIL's", ({ picture, nearest }) => {
    expect(resizeNearest(picture, nearest)).toEqual(nearest);
  });

  it('makes no value that was not there', () => {
    const mask: Picture = {
      height: 4,
      width: 4,
      channels: 1,
      data: Uint8Array.from({ length: 16 }, (_, i) => (i < 8 ? 255 : 3)),
    };
    expect(new Set(resizeNearest(mask, { height: 9, width: 2 }).data)).toEqual(new Set([255, 3]));
  });
});

/** The formula as the reference has it, in float64: for each pixel of the result the weight of each pixel. */
function weightsOf(size: number, out: number): number[][] {
  const scale = size / out;
  const support = Math.max(scale, 1);
  return Array.from({ length: out }, (_, o) => {
    const centre = (o + 0.5) * scale;
    const weights = Array.from({ length: size }, (_, i) =>
      Math.max(0, 1 - Math.abs(i + 0.5 - centre) / support),
    );
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
}

function cut(
  { width, channels, data }: Picture,
  box: { top: number; left: number; height: number; width: number },
): Picture {
  const rows = Array.from({ length: box.height }, (_, y) => {
    const from = ((box.top + y) * width + box.left) * channels;
    return [...data.subarray(from, from + box.width * channels)];
  });
  return { height: box.height, width: box.width, channels, data: Uint8Array.from(rows.flat()) };
}
