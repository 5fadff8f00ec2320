// Noise with labels, in the shape of the small model's images.
import type { Dataset, ImageSet } from '../../../../datasets/dataset.js';
import { openStream } from '../../../../src/random.js';

function noise(count: number, seed: number, channels: number, extent: number): ImageSet {
  const stream = openStream(seed, 'noise');
  const images = Uint8Array.from({ length: count * channels * extent ** 2 }, () => stream.uniform() * 256);
  return {
    images,
    labels: Uint32Array.from({ length: count }, (_, i) => i % 5),
    count,
    channels,
    height: extent,
    width: extent,
  };
}

export function smallDataset(channels = 1, extent = 28): Dataset {
  return {
    name: 'noise',
    classes: ['a', 'b', 'c', 'd', 'e'],
    train: noise(12, 1, channels, extent),
    test: noise(7, 2, channels, extent),
    checksums: {},
  };
}
