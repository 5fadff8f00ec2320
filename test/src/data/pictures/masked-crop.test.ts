import { describe, expect, it } from 'vitest';
import { NO_CLASS } from '../../../../datasets/masks/palette.js';
import { normalisationTable } from '../../../../src/data/normalise.js';
import {
  drawPlace,
  maskedOutput,
  renderMasked,
  wholePlace,
} from '../../../../src/data/pictures/masked-crop.js';
import { openStream } from '../../../../src/random.js';

const table = normalisationTable({ mean: [0.5], standardDeviation: [0.25] });
const value = (byte: number): number => Math.fround((byte / 255 - 0.5) / 0.25);

/** 2 x 3 pixels: 10 .. 60, of classes 0 .. 5. */
const small = {
  picture: { height: 2, width: 3, channels: 1, data: Uint8Array.of(10, 20, 30, 40, 50, 60) },
  mask: { height: 2, width: 3, channels: 1, data: Uint8Array.of(0, 1, 2, 3, 4, 5) },
};

function rendered(masked: typeof small, place: Parameters<typeof renderMasked>[1], size: number) {
  const extent = { height: size, width: size };
  const out = maskedOutput(1, 1, extent);
  renderMasked(masked, place, extent, table, out, 0);
  return { images: [...out.images], labels: [...out.labels] };
}

describe('what a step sees of a picture and its mask', () => {
  it('is the picture, and beside it the mean colour and no class', () => {
    const { images, labels } = rendered(small, wholePlace(small.picture), 4);
    const none = NO_CLASS;
    expect(labels).toEqual([0, 1, 2, none, 3, 4, 5, none, none, none, none, none, none, none, none, none]);
    expect(images.slice(0, 5)).toEqual([value(10), value(20), value(30), 0, value(40)]);
    expect(images.slice(8)).toEqual(new Array(8).fill(0));
  });

  it('is mirrored with what is beside it', () => {
    const { images, labels } = rendered(small, { ...wholePlace(small.picture), flipped: true }, 4);
    expect(labels.slice(0, 4)).toEqual([NO_CLASS, 2, 1, 0]);
    expect(images.slice(0, 4)).toEqual([0, value(30), value(20), value(10)]);
  });

  it('is cut out of the scaled picture, each class where its pixels are', () => {
    const scaled = { height: 4, width: 6 };
    const { labels } = rendered(small, { scaled, top: 1, left: 2, flipped: false }, 3);
    expect(labels).toEqual([1, 1, 2, 4, 4, 5, 4, 4, 5]);
    const { images } = rendered(
      { ...small, picture: { ...small.picture, data: new Uint8Array(6).fill(77) } },
      { scaled, top: 1, left: 2, flipped: true },
      3,
    );
    expect(images).toEqual(new Array(9).fill(value(77)));
  });

  it('is drawn within the picture, at every scale', () => {
    const stream = openStream(1, 'crops');
    const scales = [0.5, 1, 2];
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const { scaled, top, left, flipped } = drawPlace(
        { height: 9, width: 5 },
        { height: 6, width: 6 },
        { scales, flip: true },
        stream,
      );
      expect([
        [4, 2],
        [9, 5],
        [18, 10],
      ]).toContainEqual([scaled.height, scaled.width]);
      expect(top).toBeLessThanOrEqual(Math.max(scaled.height - 6, 0));
      expect(left).toBeLessThanOrEqual(Math.max(scaled.width - 6, 0));
      seen.add(`${scaled.height} ${top} ${flipped}`);
    }
    // Tops 0; 0 .. 3; 0 .. 12, each mirrored or not.
    expect(seen.size).toBe(2 * (1 + 4 + 13));
  });
});
