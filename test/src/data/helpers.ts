// Small image sets for the tests of this folder.
import type { ImageSet } from '../../../datasets/dataset.js';
import type { Normalisation } from '../../../src/data/normalise.js';

/** Byte b becomes b / 255. */
export const UNIT: Normalisation = { mean: [0, 0, 0], standardDeviation: [1, 1, 1] };

/** `count` images whose bytes are arbitrary but never 0, three channels, labels taking turns among `classes`. */
export function someImages(count: number, height = 5, width = 4, classes = 3): ImageSet {
  const images = Uint8Array.from({ length: count * 3 * height * width }, (_, at) => 1 + ((at * 37) % 255));
  const labels = Uint32Array.from({ length: count }, (_, index) => index % classes);
  return { images, labels, count, channels: 3, height, width };
}

/** Back to bytes from what `UNIT` made. */
export function toBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(value * 255));
}
