// What the network for ImageNet-size images has of its own: a stem of three 3x3 convolutions of stride 2 in two stages,
// whose outputs are the first cell's two inputs, and the geometry of its auxiliary head.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { GenonnxError } from '../errors.js';
import type { HeadShape } from './auxiliary-head.js';
import type { Extents } from './cells.js';
import { convolution, requireEven } from './layers.js';
import { convolutionNorm, type NormMode } from './norm.js';

/**
 * f32[N,C,H,W] -> f32[N, initChannels, H/4, W/4] and f32[N, initChannels, H/8, W/8], each extent rounded up at each halving.
 * @throws GenonnxError `image-size` for an extent that cannot be halved three times, where it must be even; `channels` for an odd
 * initChannels.
 */
export function imagenetStem(
  g: Builder,
  images: Value,
  initChannels: number,
  mode: NormMode,
  extents: Extents = 'even',
): readonly [Value, Value] {
  if (initChannels % 2 !== 0) {
    throw new GenonnxError('channels', 'The stem of the ImageNet network begins with half of the channels.', {
      where: 'stem0',
      expected: 'an even number',
      found: String(initChannels),
      cure: 'Choose an even `initChannels`.',
    });
  }
  /** A 3x3 convolution of stride 2 and its batch norm. */
  const halve = (x: Value, name: string, norm: string, channels: number): Value => {
    if (extents === 'even') requireEven(x, name);
    return convolutionNorm(
      g,
      (bias) => convolution(g, x, { name, outputs: channels, kernel: 3, stride: 2, padding: 1 }, bias),
      { ...mode, name: norm, channels },
    );
  };
  const stem0 = g.within('stem0', () => {
    const first = g.within('first', () => g.relu(halve(images, 'stem0.0', 'stem0.1', initChannels / 2)));
    return g.within('second', () => halve(first, 'stem0.3', 'stem0.4', initChannels));
  });
  const stem1 = g.within('stem1', () => halve(g.relu(stem0), 'stem1.1', 'stem1.2', initChannels));
  return [stem0, stem1];
}

/** As released: no batch norm after the last convolution (called a typo there, and kept). */
export const imagenetHead: HeadShape = { stride: 2, lastNorm: false, images: 'images of 224 or 256' };
