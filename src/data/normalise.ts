// Normalisation as the networks expect it: bytes become intensities in [0, 1], less the channel's mean, over its standard
// deviation. The figures come from the training images alone and travel with the model.
import type { ImageSet } from '../../datasets/dataset.js';

/** Per channel, in units of intensity: 0 is black, 1 is full. */
export interface Normalisation {
  readonly mean: readonly number[];
  /** Positive. */
  readonly standardDeviation: readonly number[];
}

/**
 * Mean and (population) standard deviation of each channel over all images and pixels, exact up to the last division.
 * A channel without variation gets the standard deviation 1, so that it becomes zero and not NaN.
 */
export function measureNormalisation(set: ImageSet): Normalisation {
  const { images, count, channels } = set;
  const plane = set.height * set.width;
  const mean: number[] = [];
  const standardDeviation: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    // Integer sums: exact below 2^53, that is for 10^11 pixels.
    let sum = 0;
    let squares = 0;
    for (let image = 0; image < count; image++) {
      const start = (image * channels + channel) * plane;
      for (let at = start; at < start + plane; at++) {
        const value = images[at]!;
        sum += value;
        squares += value * value;
      }
    }
    const average = sum / (count * plane);
    const variance = squares / (count * plane) - average * average;
    mean.push(average / 255);
    standardDeviation.push(variance > 0 ? Math.sqrt(variance) / 255 : 1);
  }
  return { mean, standardDeviation };
}

/** f32[channels * 256]: the normalised value of every byte, so that a pixel costs one look-up. */
export function normalisationTable({ mean, standardDeviation }: Normalisation): Float32Array {
  return Float32Array.from({ length: mean.length * 256 }, (_, at) => {
    const channel = at >> 8;
    return ((at & 255) / 255 - mean[channel]!) / standardDeviation[channel]!;
  });
}
