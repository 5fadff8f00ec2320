import { describe, expect, it } from 'vitest';
import { resolveSegmentationTraining } from '../../../../src/tasks/segmentation/resolve-training.js';

const resolve = (given: object, preset?: 'voc' | 'small') =>
  resolveSegmentationTraining({ preset, given: { genotype: 'any', ...given }, threads: 1 });

describe('settings of a segmentation', () => {
  it('are for scenes where no data is named, and DeepLab’s for data of one’s own', () => {
    expect(resolve({})).toMatchObject({ data: 'scenes', cells: 5, validationShare: 0.1 });
    expect(resolve({}).steps).toBeUndefined();
    expect(resolve({ data: './VOC2012' })).toMatchObject({
      steps: 30_000,
      batch: 16,
      augmentation: { size: 513, scales: [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] },
      outputStride: 16,
      rates: [6, 12, 18],
      schedule: 'poly',
      validationShare: 0,
      weights: { learningRate: 0.007, momentum: 0.9, weightDecay: 4e-5 },
    });
    expect(resolve({}, 'voc').weights.clipNorm).toBeUndefined();
  });

  it('have rates twice as far at twice the resolution, unless they are given', () => {
    expect(resolve({ outputStride: 8 }, 'voc').rates).toEqual([12, 24, 36]);
    expect(resolve({ outputStride: 8, rates: [6, 12, 18] }, 'voc').rates).toEqual([6, 12, 18]);
    expect(resolve({ outputStride: 16 }, 'small').rates).toEqual([1, 2, 3]);
  });

  it.each([
    ['steps that the epochs cannot share out', { steps: 100, epochs: 7 }, '`steps`'],
    ['another output stride', { outputStride: 4 }, '`outputStride`'],
    ['two rates', { rates: [6, 12] }, '`rates`'],
    ['a setting of classifiers', { dropPath: 0.1 }, '`dropPath`'],
  ])('are refused with %s', (_, given, where) => {
    expect(() => resolve(given)).toThrow(
      expect.objectContaining({ code: 'usage', details: expect.objectContaining({ where }) }),
    );
  });
});
