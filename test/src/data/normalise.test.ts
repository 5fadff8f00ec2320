import { describe, expect, it } from 'vitest';
import { measureNormalisation, normalisationTable } from '../../../src/data/normalise.js';
import { someImages } from './helpers.js';

describe('measureNormalisation', () => {
  it('makes every channel zero mean and unit variance', () => {
    const set = someImages(7);
    const table = normalisationTable(measureNormalisation(set));
    const plane = set.height * set.width;
    for (let channel = 0; channel < 3; channel++) {
      const values = [...set.images]
        .filter((_, at) => Math.floor(at / plane) % 3 === channel)
        .map((byte) => table[channel * 256 + byte]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0, 6);
      expect(variance).toBeCloseTo(1, 6);
    }
  });

  it('is in units of intensity', () => {
    const images = Uint8Array.of(0, 255, 51, 51);
    const set = { images, labels: Uint32Array.of(0), count: 1, channels: 2, height: 1, width: 2 };
    const { mean, standardDeviation } = measureNormalisation(set);
    expect(mean).toEqual([0.5, 0.2]);
    expect(standardDeviation).toEqual([0.5, 1]); // the second channel is constant
  });
});
