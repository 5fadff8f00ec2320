import { describe, expect, it } from 'vitest';
import { gridFeeds, gridPixels } from '../../../../src/tasks/segmentation/grid.js';

describe('the pixels that features stand for', () => {
  it('are exact where a stride and its corners fit', () => {
    expect(gridPixels(5, 65, 'align-corners')).toEqual([0, 16, 32, 48, 64]);
    expect(gridPixels(33, 513, 'align-corners')).toEqual(Array.from({ length: 33 }, (_, i) => 16 * i));
  });

  it('are in the middle of their share of the image otherwise', () => {
    expect(gridPixels(4, 64, 'half-pixel')).toEqual([8, 24, 40, 56]);
    expect(gridPixels(1, 7, 'half-pixel')).toEqual([3]);
    expect(gridPixels(1, 7, 'align-corners')).toEqual([0]);
  });

  it('have their labels, and no weight without a class', () => {
    const labels = Uint8Array.of(1, 9, 2, 9, 9, 9, 255, 9, 3);
    const { gridLabels, gridWeights } = gridFeeds(
      labels,
      1,
      { height: 3, width: 3 },
      { height: 2, width: 2, alignment: 'align-corners' },
    );
    expect(gridLabels?.shape).toEqual([1, 2, 2]);
    expect(Array.from(gridLabels?.data ?? [], Number)).toEqual([1, 2, 255, 3]);
    expect(Array.from(gridWeights?.data ?? [], Number)).toEqual([1, 1, 0, 1]);
  });
});
