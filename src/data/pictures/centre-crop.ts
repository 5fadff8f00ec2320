// What a network trained on ImageNet is tested on: the shorter side becomes `resize` pixels (256), the longer one
// floor(resize * long / short), and of that the central square of `crop` (224), from round((s - crop) / 2) on, where a half goes to
// the even number, as in Python.
import type { Box, Picture } from '../picture.js';
import { resizeBilinear, type Size } from '../resize.js';

export function resizedSize({ height, width }: Size, resize: number): Size {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  const other = Math.floor((resize * long) / short);
  return height <= width ? { height: resize, width: other } : { height: other, width: resize };
}

/** The central square; `crop` is at most `resize`. */
export function centreCrop(picture: Picture, { resize, crop }: { resize: number; crop: number }): Picture {
  const size = resizedSize(picture, resize);
  const window: Box = {
    top: halfToEven((size.height - crop) / 2),
    left: halfToEven((size.width - crop) / 2),
    height: crop,
    width: crop,
  };
  return resizeBilinear(picture, size, undefined, window);
}

function halfToEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
