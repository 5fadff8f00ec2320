// The stems of the convolutional networks: what the first cell gets as the outputs of the two cells before it.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { cifarStem } from './cifar.js';
import { imagenetStem } from './imagenet.js';
import type { NormMode } from './norm.js';

/** f32[N,C,H,W] to two feature maps, of which the second may have half the extent of the first. */
type Stem = (g: Builder, images: Value, initChannels: number, mode: NormMode) => readonly [Value, Value];

export const stems = { cifar: cifarStem, imagenet: imagenetStem } as const satisfies Readonly<
  Record<string, Stem>
>;

/** Which network's stem. */
export type StemName = keyof typeof stems;
