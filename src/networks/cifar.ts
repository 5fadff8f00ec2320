// What the network for CIFAR-size images has of its own: a 3x3 stem to 3 C channels, which both of the first cell's
// inputs see, and the geometry of its auxiliary head.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type { HeadShape } from './auxiliary-head.js';
import { convolution } from './layers.js';
import { convolutionNorm, type NormMode } from './norm.js';

/** f32[N,C,H,W] -> twice the same f32[N, 3 initChannels, H, W]. */
export function cifarStem(
  g: Builder,
  images: Value,
  initChannels: number,
  mode: NormMode,
): readonly [Value, Value] {
  const channels = 3 * initChannels;
  const stem = g.within('stem', () =>
    convolutionNorm(
      g,
      (bias) => convolution(g, images, { name: 'stem.0', outputs: channels, kernel: 3, padding: 1 }, bias),
      { ...mode, name: 'stem.1', channels },
    ),
  );
  return [stem, stem];
}

export const cifarHead: HeadShape = { stride: 3, lastNorm: true, images: 'images of 32 to 40' };
