// The evaluation networks: a stem, cells as a genotype describes them, global pooling and a linear layer; optionally an
// auxiliary head at the second reduction. Parameter names are those of the released PyTorch definitions.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import type { HeadShape } from './auxiliary-head.js';
import { auxiliaryHead } from './auxiliary-head.js';
import { chainCells, requireNetworkSize } from './cells.js';
import { cifarHead } from './cifar.js';
import { derivedCell } from './derived-cell.js';
import { maskedPaths } from './drop-path.js';
import { imagenetHead } from './imagenet.js';
import { linear } from './layers.js';
import type { NormMode } from './norm.js';
import { stems } from './stems.js';

export const NETWORK_NAMES = ['cifar', 'imagenet'] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

export interface NetworkSizes {
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
}

/** The sizes that DARTS and DATA report their results for. */
export const paperSizes: { readonly [N in NetworkName]: NetworkSizes } = {
  cifar: { cells: 20, initChannels: 36, classes: 10, image: { channels: 3, height: 32, width: 32 } },
  imagenet: { cells: 14, initChannels: 48, classes: 1000, image: { channels: 3, height: 224, width: 224 } },
};

export interface EvaluationOptions {
  readonly name: NetworkName;
  readonly genotype: ConvolutionalGenotype;
  readonly cells: number;
  readonly initChannels: number;
  readonly classes: number;
  readonly auxiliary: boolean;
  readonly training: boolean;
}

export interface NetworkOutputs {
  /** f32[N, classes]. */
  readonly logits: Value;
  readonly auxiliaryLogits?: Value;
}

const heads: { readonly [N in NetworkName]: HeadShape } = { cifar: cifarHead, imagenet: imagenetHead };

/**
 * @param images f32[N,C,H,W], with H and W multiples of 4 (CIFAR) or 32 (ImageNet).
 * @param dropMasks f32[droppedPathCount, N], each 0 or 1 / keep probability; without it no path is dropped.
 * @throws GenonnxError `image-size`, `channels`, `node-out-of-range`, `usage`.
 */
export function evaluationNetwork(
  g: Builder,
  images: Value,
  { name, genotype, cells, initChannels, classes, auxiliary, training }: EvaluationOptions,
  dropMasks?: Value,
): NetworkOutputs {
  requireNetworkSize(cells, initChannels, classes);
  const mode: NormMode = { training, affine: true };
  const dropPath = dropMasks === undefined ? undefined : maskedPaths(g, dropMasks);
  let auxiliaryLogits: Value | undefined;
  const last = chainCells(
    g,
    stems[name](g, images, initChannels, mode),
    { cells, initChannels, mode },
    (context) => derivedCell(context, genotype[context.type], mode, dropPath),
    (index, output) => {
      if (auxiliary && index === Math.floor((2 * cells) / 3))
        auxiliaryLogits = auxiliaryHead(g, output, heads[name], classes, mode);
    },
  );
  const pooled = g.within('pool', () => g.globalAveragePool(last));
  const logits = linear(g, pooled, 'classifier', classes);
  return auxiliaryLogits === undefined ? { logits } : { logits, auxiliaryLogits };
}
