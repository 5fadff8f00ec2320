import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../../../graphs/safetensors.js';
import {
  backgroundIou,
  classIou,
  meanIou,
  pixelAccuracy,
} from '../../../../src/tasks/segmentation/mean-iou.js';

describe('mean IoU', () => {
  it.each(['five', 'voc', 'absent', 'maps'])('is that of the reference for %s', async (name) => {
    const file = 'test/fixtures/vision/mean-iou.safetensors';
    const { tensors } = decodeSafetensors(await readFile(file), file);
    const of = (key: string): number[] => Array.from(tensors.get(`${name}.${key}`)?.data ?? [], Number);
    const confusion = of('confusion');
    expect(confusion.length).toBeGreaterThan(0);
    expect(classIou(confusion)).toEqual(of('iou').map(nearly));
    expect(meanIou(confusion)).toBeCloseTo(of('mean_iou')[0] ?? 0, 6);
    expect(pixelAccuracy(confusion)).toBeCloseTo(of('pixel_accuracy')[0] ?? 0, 6);
  });

  it('leaves out what is neither there nor found, and gives 0 to what is found only', () => {
    // Class 1 is never there but found once; class 2 is neither.
    const confusion = [3, 1, 0, 0, 0, 0, 0, 0, 0];
    expect(classIou(confusion)).toEqual([3 / 4, 0, Number.NaN]);
    expect(meanIou(confusion)).toBe(3 / 8);
    expect(meanIou(confusion.map((count) => count / 4))).toBe(3 / 8);
    expect(meanIou([0, 0, 0, 0])).toBeNaN();
  });

  it('of the background everywhere is its share, divided by the classes that are there', () => {
    // 6 pixels of the background, 2 of class 1, none of class 2, whatever they were taken for.
    const confusion = [1, 5, 0, 0, 1, 1, 0, 0, 0];
    expect(backgroundIou(confusion)).toBeCloseTo(6 / 8 / 2, 12);
  });
});

function nearly(value: number): unknown {
  return Number.isNaN(value) ? Number.NaN : expect.closeTo(value, 6);
}
