import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../../datasets/dataset.js';
import { IDENTITY, type Transform } from '../../../src/data/augment.js';
import { normalisationTable } from '../../../src/data/normalise.js';
import { type Extent, renderImage } from '../../../src/data/render.js';
import { someImages, toBytes, UNIT } from './helpers.js';

const table = normalisationTable(UNIT);

function render(set: ImageSet, index: number, transform: Transform, extent: Extent = set): Float32Array {
  const out = new Float32Array(set.channels * extent.height * extent.width);
  renderImage(set, index, table, transform, extent, out, 0);
  return out;
}

/** What the docstrings say, pixel by pixel. */
function meaning(set: ImageSet, index: number, transform: Transform, extent: Extent): Float32Array {
  const { shiftY, shiftX, flipped, cutout } = transform;
  const out: number[] = [];
  for (let channel = 0; channel < set.channels; channel++) {
    for (let y = 0; y < extent.height; y++) {
      for (let x = 0; x < extent.width; x++) {
        const sourceY = y + shiftY - Math.floor((extent.height - set.height) / 2);
        const column = flipped ? extent.width - 1 - x : x;
        const sourceX = column + shiftX - Math.floor((extent.width - set.width) / 2);
        const inside = sourceY >= 0 && sourceY < set.height && sourceX >= 0 && sourceX < set.width;
        const at = ((index * set.channels + channel) * set.height + sourceY) * set.width + sourceX;
        const cut =
          cutout !== undefined &&
          y >= cutout.top &&
          y < cutout.bottom &&
          x >= cutout.left &&
          x < cutout.right;
        out.push(cut ? 0 : table[channel * 256 + (inside ? set.images[at]! : 0)]!);
      }
    }
  }
  return Float32Array.from(out);
}

describe('renderImage', () => {
  it('is the stored image when nothing is to be done', () => {
    const set = someImages(3);
    expect(toBytes(render(set, 1, IDENTITY))).toEqual(set.images.slice(60, 120));
  });

  it('is the identity when mirrored twice', () => {
    const set = someImages(1);
    const flip = { ...IDENTITY, flipped: true };
    const once = toBytes(render(set, 0, flip));
    expect(once).not.toEqual(set.images);
    expect(toBytes(render({ ...set, images: once }, 0, flip))).toEqual(set.images);
  });

  it('does what the definition says, for all shifts, extents, flips and cutouts', () => {
    const set = someImages(2);
    const shift = fc.integer({ min: -7, max: 7 });
    const cutout = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(3), fc.nat(3)).map(([a, b, c, d]) => ({
      top: Math.min(a, b),
      bottom: Math.max(a, b),
      left: Math.min(c, d),
      right: Math.max(c, d),
    }));
    const transforms = fc.record({
      shiftY: shift,
      shiftX: shift,
      flipped: fc.boolean(),
      cutout: fc.option(cutout, { nil: undefined }),
    });
    const extents = fc.record({
      height: fc.integer({ min: 5, max: 9 }),
      width: fc.integer({ min: 4, max: 9 }),
    });
    fc.assert(
      fc.property(transforms, extents, fc.nat(1), (transform, extent, index) => {
        expect(render(set, index, transform, extent)).toEqual(meaning(set, index, transform, extent));
      }),
      { numRuns: 300 },
    );
  });

  it('pads with black, and cuts out to zero, in normalised units', () => {
    const set: ImageSet = {
      images: Uint8Array.of(255),
      labels: Uint32Array.of(0),
      count: 1,
      channels: 1,
      height: 1,
      width: 1,
    };
    const out = new Float32Array(4);
    const transform = { ...IDENTITY, cutout: { top: 1, bottom: 2, left: 1, right: 2 } };
    const half = normalisationTable({ mean: [0.5], standardDeviation: [0.5] });
    renderImage(set, 0, half, transform, { height: 2, width: 2 }, out, 0);
    expect([...out]).toEqual([1, -1, -1, 0]);
  });
});
