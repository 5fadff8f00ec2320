// A model that finds masks by how bright a pixel is: four classes, of which the last two always have the same logits.

import { paletteOf } from '../../datasets/masks/palette.js';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { Builder } from '../../graphs/builder.js';

export const maskImage = { channels: 1, height: 8, width: 10 } as const;
export const maskNormalisation = { mean: [0.5], standardDeviation: [0.25] };
export const maskClasses = ['background', 'grey', 'bright', 'never'];
export const maskPalette = paletteOf(21);

export function maskModel(channels: number = maskImage.channels): BoundGraph {
  const g = new Builder();
  const images = g.input('images', ['batch', channels, maskImage.height, maskImage.width]);
  const weight = g.constant(
    [-1, 0, 1, 1].flatMap((factor) => new Array<number>(channels).fill(factor)),
    [4, channels, 1, 1],
  );
  const bias = g.constant([0, 0.6, 0, 0], [4]);
  return {
    graph: g.build([{ name: 'logits', value: g.conv2d(images, weight, { bias }) }]),
    weights: new Map(),
  };
}
