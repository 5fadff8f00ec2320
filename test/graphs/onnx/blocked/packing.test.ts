// How maps lie in blocked memory: whole blocks always, and the cheaper of packing images and storing zeros.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanes, packingOf, shapeOf, vectors } from '../../../../graphs/onnx/blocked/packing.js';

function packing(images: number, channels: number, block = 16) {
  return packingOf({ shape: [images, channels, 6, 6], dtype: 'float32' }, block);
}

describe('the packing of a map', () => {
  it('makes whole blocks of all its channels and whole groups of its images', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom(8, 16),
        (images, channels, block) => {
          const p = packing(images, channels, block);
          if (p === undefined) return channels < block / 8;
          const values = shapeOf(p).reduce((a, b) => a * b, 1);
          return (
            p.stored >= channels &&
            p.stored < channels + block &&
            images % p.packed === 0 &&
            lanes(p) % block === 0 &&
            values === vectors(p) * 36
          );
        },
      ),
    );
  });

  it.each([
    { images: 64, channels: 4, packed: 4, stored: 4 },
    { images: 64, channels: 8, packed: 2, stored: 8 },
    { images: 64, channels: 16, packed: 1, stored: 16 },
    { images: 64, channels: 20, packed: 2, stored: 24 },
    { images: 96, channels: 36, packed: 1, stored: 48 },
    { images: 96, channels: 72, packed: 1, stored: 80 },
    { images: 96, channels: 144, packed: 1, stored: 144 },
    // A batch that no packing divides is padded instead.
    { images: 3, channels: 8, packed: 1, stored: 16 },
  ])('of $channels channels, $images images', ({ images, channels, packed, stored }) => {
    expect(packing(images, channels)).toMatchObject({ packed, stored });
  });

  it('is none for grey images, vectors and other types', () => {
    expect(packing(64, 1)).toBeUndefined();
    expect(packingOf({ shape: [64, 16], dtype: 'float32' }, 16)).toBeUndefined();
    expect(packingOf({ shape: [64, 16, 6, 6], dtype: 'int64' }, 16)).toBeUndefined();
    expect(packingOf({ shape: ['batch', 16, 6, 6], dtype: 'float32' }, 16)).toBeUndefined();
  });
});
