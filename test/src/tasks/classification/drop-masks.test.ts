import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStream } from '../../../../src/random.js';
import { dropMasks, dropProbability } from '../../../../src/tasks/classification/drop-masks.js';

describe('dropProbability', () => {
  it('grows linearly from 0, and reaches its largest value only after the last epoch', () => {
    expect([0, 1, 5, 9].map((epoch) => dropProbability(0.2, epoch, 10))).toEqual([0, 0.02, 0.1, 0.18]);
    expect(dropProbability(0.3, 10, 10)).toBe(0.3);
  });
});

describe('dropMasks', () => {
  const masksOf = (paths: number, images: number, probability: number, seed = 1) =>
    dropMasks(paths, images, probability, openStream(seed, 'masks')).dropMasks!;

  it('are zeros, and ones scaled so that their mean stays one', () => {
    const probability = fc.double({ min: 0, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(probability, fc.integer(), (p, seed) => {
        const { shape, data } = masksOf(6, 500, p, seed);
        expect(shape).toEqual([6, 500]);
        const kept = Math.fround(1 / (1 - p));
        expect(Array.from(data, Number).every((mask) => mask === 0 || mask === kept)).toBe(true);
        const mean = Array.from(data, Number).reduce((a, b) => a + b, 0) / data.length;
        // Five standard deviations of the mean of 3000 such masks.
        expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(p / (1 - p) / 3000) + 1e-6);
      }),
    );
  });

  it('drop nothing at probability 0', () => {
    expect([...masksOf(2, 3, 0).data]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('take one draw for each path and image, path by path', () => {
    const stream = openStream(4, 'masks');
    const drawn = Array.from({ length: 12 }, () => stream.uniform());
    expect(Array.from(masksOf(3, 4, 0.5, 4).data, Number)).toEqual(drawn.map((u) => (u < 0.5 ? 0 : 2)));
  });
});
