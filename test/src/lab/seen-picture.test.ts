// From a drawing or a photograph to what the network sees.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOf, fitted, type Grey, greyOf, onBlack } from '../../../src/lab/seen-picture.js';

const size = { width: 28, height: 28 };

/** A light rectangle on black. */
function rectangle(width: number, height: number, box: { x: number; y: number; w: number; h: number }): Grey {
  const data = Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h ? 200 : 0;
  });
  return { data, width, height };
}

describe('a picture', () => {
  it('fills the image with its longer side, in the middle, wherever and however large it was drawn', () => {
    const part = fc.record({
      x: fc.nat(40),
      y: fc.nat(40),
      w: fc.integer({ min: 28, max: 60 }),
      h: fc.integer({ min: 28, max: 60 }),
    });
    fc.assert(
      fc.property(part, (box) => {
        const seen = fitted(rectangle(100, 100, box), boxOf(rectangle(100, 100, box)), size);
        const { left, top, width, height } = boxOf(seen);
        expect(Math.max(width, height)).toBe(28);
        const shorter = (28 * Math.min(box.w, box.h)) / Math.max(box.w, box.h);
        expect(Math.abs(Math.min(width, height) - shorter)).toBeLessThanOrEqual(2);
        expect(Math.abs(2 * left + width - 28)).toBeLessThanOrEqual(2);
        expect(Math.abs(2 * top + height - 28)).toBeLessThanOrEqual(2);
        expect(seen.data[14 * 28 + 14]).toBe(200);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same at the same size', () => {
    const whole = rectangle(28, 28, { x: 0, y: 3, w: 28, h: 20 });
    expect(fitted(whole, { left: 0, top: 0, width: 28, height: 28 }, size).data).toEqual(whole.data);
  });

  it('is turned round where its edge is light', () => {
    const dark = rectangle(10, 10, { x: 3, y: 3, w: 4, h: 4 });
    const light = { ...dark, data: dark.data.map((value) => 255 - value) };
    expect(onBlack(dark).data).toEqual(dark.data);
    expect(onBlack(light).data).toEqual(dark.data);
  });

  it('is grey by the weights of colours, and empty where nothing is drawn', () => {
    const rgba = new Uint8ClampedArray([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]);
    expect([...greyOf(rgba, 3, 1).data]).toEqual([76, 150, 29]);
    const empty = rectangle(5, 4, { x: 0, y: 0, w: 0, h: 0 });
    expect(boxOf(empty)).toEqual({ left: 0, top: 0, width: 5, height: 4 });
    expect([...fitted(empty, boxOf(empty), size).data].every((value) => value === 0)).toBe(true);
  });
});
