// Where the names of the points of a plot stand, so that none covers another, a point or a whisker. In: pixels; out: pixels.
import { fontSize } from '../drawing.js';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

export interface LabelledPoint {
  readonly at: Place;
  /** Where its whisker ends, to the right. */
  readonly end: Place;
  /** Of its label. */
  readonly width: number;
}

export const lineHeight = fontSize + 2;
/** So many lines above or below a point, its label may still be taken for that point's. */
const furthestLine = 5;

/**
 * The upper left corner of each label, relative to its point: above, below, behind the whisker or before the point, else
 * further above or below, wherever first nothing is in the way. Where everything is, right above.
 */
export function labelOffsets(points: readonly LabelledPoint[], plot: Box, dotSize: number): Place[] {
  const taken: Box[] = points.map(({ at, end }) => ({
    x: at.x - dotSize / 2,
    y: at.y - dotSize / 2,
    width: end.x - at.x + dotSize,
    height: dotSize,
  }));
  return points.map(({ at, end, width }) => {
    const gap = dotSize / 2 + 3;
    // As near to the middle as the plot's sides allow.
    const centred = Math.max(plot.x - at.x, Math.min(-width / 2, plot.x + plot.width - at.x - width));
    const above = (line: number): Place => ({ x: centred, y: -gap - line * lineHeight });
    const below = (line: number): Place => ({ x: centred, y: gap + (line - 1) * lineHeight });
    const behind = { x: end.x - at.x + gap, y: -lineHeight / 2 };
    const before = { x: -gap - width, y: -lineHeight / 2 };
    const further = Array.from({ length: furthestLine - 1 }, (_, line) => [above(line + 2), below(line + 2)]);
    const boxOf = ({ x, y }: Place): Box => ({ x: at.x + x, y: at.y + y, width, height: lineHeight });
    const offset =
      [above(1), below(1), behind, before, ...further.flat()].find((place) => {
        const box = boxOf(place);
        return isWithin(box, plot) && !taken.some((other) => overlap(box, other));
      }) ?? above(1);
    taken.push(boxOf(offset));
    return offset;
  });
}

function isWithin(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Numbers side by side are read as one unless there is room between them. */
const letterGap = 5;

function overlap(a: Box, b: Box): boolean {
  return (
    a.x < b.x + b.width + letterGap &&
    b.x < a.x + a.width + letterGap &&
    a.y < b.y + b.height &&
    b.y < a.y + a.height
  );
}
