import { describe, expect, it } from 'vitest';
import type { MaskedData } from '../../../datasets/index.js';
import { picturesInMemory } from '../../../src/deploy/masked-pictures.js';

/** Two pictures of 2x3 pixels in two channels, whose bytes count up. */
function masked(): MaskedData {
  const extent = { height: 2, width: 3 };
  const set = (count: number) => ({
    count,
    largest: extent,
    read: async (index: number) => ({
      picture: { ...extent, channels: 2, data: Uint8Array.from({ length: 12 }, (_, i) => 100 * index + i) },
      mask: { ...extent, channels: 1, data: new Uint8Array(6) },
    }),
  });
  return {
    name: 'counted',
    classes: ['background', 'thing'],
    palette: [],
    channels: 2,
    normalisation: { mean: [0.2, 0.4], standardDeviation: [1, 1] },
    trainingSet: '2 pictures',
    train: set(2),
    test: set(1),
    checksums: {},
  };
}

describe('picturesInMemory', () => {
  it('puts pictures in the upper left corner, the mean colour beside them', async () => {
    const { train, test, classes } = await picturesInMemory(masked(), { channels: 2, height: 3, width: 4 });
    expect([train.count, test.count, classes.length]).toEqual([2, 1, 2]);
    expect([...train.images.subarray(0, 24)]).toEqual([
      ...[0, 2, 4, 51, 6, 8, 10, 51, 51, 51, 51, 51],
      ...[1, 3, 5, 102, 7, 9, 11, 102, 102, 102, 102, 102],
    ]);
    expect(train.images[24]).toBe(100);
  });

  it('cuts off what lies beyond the images', async () => {
    const { test } = await picturesInMemory(masked(), { channels: 2, height: 1, width: 2 });
    expect([...test.images]).toEqual([0, 2, 1, 3]);
  });
});
