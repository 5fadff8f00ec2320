// The pixels that the features of a network stand for, and their labels: where a training step counts what it finds.
import type { Alignment } from '../../../graphs/ir.js';
import type { Size } from '../../data/resize.js';
import type { Feeds } from '../../engines/engine.js';
import { ignoredLabel } from '../../networks/deeplab/programs.js';

/** Height and width of the features, and how they lie over the image. */
export interface Grid extends Size {
  readonly alignment: Alignment;
}

/** Of each of `count` places along an axis the pixel, of `extent`, that it lies on, or that its centre lies in. */
export function gridPixels(count: number, extent: number, alignment: Alignment): number[] {
  return Array.from({ length: count }, (_, place) =>
    alignment === 'align-corners'
      ? Math.round((place * (extent - 1)) / Math.max(count - 1, 1))
      : Math.floor(((place + 0.5) * extent) / count),
  );
}

/** `gridLabels` i64[N,h,w], and `gridWeights` f32[N,h,w]: 0 for those without a class. */
export function gridFeeds(
  labels: Uint8Array,
  images: number,
  { height, width }: Size,
  { alignment, ...grid }: Grid,
): Feeds {
  const rows = gridPixels(grid.height, height, alignment);
  const columns = gridPixels(grid.width, width, alignment);
  const shape = [images, grid.height, grid.width];
  const size = images * grid.height * grid.width;
  const chosen = new BigInt64Array(size);
  const weights = new Float32Array(size);
  let to = 0;
  for (let image = 0; image < images; image++) {
    for (const y of rows) {
      for (const x of columns) {
        const label = labels[(image * height + y) * width + x] ?? ignoredLabel;
        chosen[to] = BigInt(label);
        weights[to] = label === ignoredLabel ? 0 : 1;
        to += 1;
      }
    }
  }
  return { gridLabels: { shape, data: chosen }, gridWeights: { shape, data: weights } };
}
