import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, labelOffsets, lineHeight } from '../../../../src/report/bench/point-labels.js';

const plot = { x: 0, y: 0, width: 400, height: 300 };
const point = (x: number, y: number, width = 50) => ({ at: { x, y }, end: { x: x + 10, y }, width });
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('labelOffsets', () => {
  it('puts a label above its point, in the middle', () => {
    const [offset] = labelOffsets([point(200, 150)], plot, 8);
    expect(offset).toEqual({ x: -25, y: -7 - lineHeight });
  });

  it('keeps to the plot', () => {
    const [left, right, top] = labelOffsets([point(5, 150), point(395, 200), point(200, 4)], plot, 8);
    expect(left?.x).toBe(-5);
    expect(right?.x).toBe(5 - 50);
    expect(top?.y).toBeGreaterThan(0);
  });

  it('lets no two labels be read as one', () => {
    const [one, other] = [point(200, 150, 14), point(214, 150, 14)];
    const [above, beside] = labelOffsets([one, other], plot, 8);
    // Side by side above their points, they would touch.
    expect([above?.y, beside?.y]).toEqual([-7 - lineHeight, 7]);
  });

  it('lets labels cover neither each other nor points', () => {
    const places = fc.array(
      fc.record({ x: fc.integer({ min: 40, max: 360 }), y: fc.integer({ min: 60, max: 240 }) }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(places, (at) => {
        const points = at.map(({ x, y }) => point(x, y));
        const boxes = labelOffsets(points, plot, 8).map((offset, index) => ({
          x: (at[index]?.x ?? 0) + offset.x,
          y: (at[index]?.y ?? 0) + offset.y,
          width: 50,
          height: lineHeight,
        }));
        const dots = at.map(({ x, y }) => ({ x: x - 4, y: y - 4, width: 18, height: 8 }));
        for (const [index, box] of boxes.entries()) {
          for (const other of [...boxes.slice(index + 1), ...dots]) expect(overlap(box, other)).toBe(false);
        }
      }),
    );
  });
});
