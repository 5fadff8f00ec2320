// Pictures of any size in a square of one size, whole: where the longer side is larger than the square, both are scaled so that
// it fills it, and what is left is black, evenly on both sides; an odd row or column more lies below or to the right. A
// smaller picture keeps its size. So nothing is cut off, nothing is stretched, and nothing is enlarged.
//
//   s = min(1, size / max(H, W)) ,    h = max(1, round(s H)) ,    w = max(1, round(s W))
import type { Picture } from '../picture.js';
import { resizeBilinear, type Size } from '../resize.js';

/** The size that a picture has in a square. */
export function fittedSize({ height, width }: Size, size: number): Size {
  const longer = Math.max(height, width);
  if (longer <= size) return { height, width };
  const scaled = (side: number): number => Math.max(1, Math.round((side * size) / longer));
  return { height: scaled(height), width: scaled(width) };
}

/** The picture within `size` x `size` pixels. */
export function fitted(picture: Picture, size: number): Picture {
  const inside = resizeBilinear(picture, fittedSize(picture, size));
  const { height, width, channels, data } = inside;
  if (height === size && width === size) return inside;
  const out = new Uint8Array(size * size * channels);
  const top = (size - height) >> 1;
  const left = (size - width) >> 1;
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    out.set(row, ((top + y) * size + left) * channels);
  }
  return { height: size, width: size, channels, data: out };
}
