import { expect, it } from 'vitest';
import { borderColour, colourOf, paletteOf } from '../../../datasets/masks/palette.js';

it('has the colours of VOC', () => {
  expect([0, 1, 2, 3, 4, 15, 20].map(colourOf)).toEqual([
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
    [0, 0, 128],
    [192, 128, 128],
    [0, 64, 128],
  ]);
  expect(borderColour).toEqual([224, 224, 192]);
  expect(new Set(paletteOf(255).map(String)).size).toBe(255);
});
