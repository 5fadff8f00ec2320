// DeepLab v3 on the network of a genotype: the ImageNet network without pool, classifier and auxiliary head, whose last reductions
// lose their strides (`../atrous.ts`), then ReLU, DeepLab's head (`head.ts`), and its logits at the size of the image. Parameters
// of the ImageNet network keep their names behind `backbone.`.
import type { Builder } from '../../../graphs/builder.js';
import type { Alignment, Pair, Value } from '../../../graphs/ir.js';
import { fixed } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import type { ConvolutionalGenotype } from '../../spaces/convolutional.js';
import { cellStride, cellType, chainCells, requireNetworkSize } from '../cells.js';
import { derivedCell } from '../derived-cell.js';
import type { NetworkSizes } from '../evaluation.js';
import { imagenetStem } from '../imagenet.js';
import type { NormMode } from '../norm.js';
import { deeplabHead, type HeadSizes } from './head.js';

/** Image pixels for each pixel of the features, along an axis. */
export const OUTPUT_STRIDES = [8, 16, 32] as const;
export type OutputStride = (typeof OUTPUT_STRIDES)[number];

export const ALIGNMENTS = ['align-corners', 'half-pixel'] as const satisfies readonly Alignment[];

/** Distances of the 3x3 convolutions of the head. */
export type Rates = readonly [number, number, number];

export interface DeeplabSizes extends NetworkSizes {
  readonly outputStride: OutputStride;
  /** Channels of each branch of the head. */
  readonly asppWidth: number;
  readonly rates: Rates;
  /** How logits lie over the image. */
  readonly alignment: Alignment;
}

/** All that says which network is meant. */
export interface DeeplabArchitecture extends DeeplabSizes {
  readonly genotype: ConvolutionalGenotype;
}

/** DeepLab v3's rates; at twice the resolution they are twice as far. */
export function usualRates(outputStride: OutputStride): Rates {
  return outputStride === 8 ? [12, 24, 36] : [6, 12, 18];
}

/** What the reference has for VOC 2012. */
export const paperDeeplab: DeeplabSizes = {
  cells: 14,
  initChannels: 48,
  classes: 21,
  image: { channels: 3, height: 513, width: 513 },
  outputStride: 16,
  asppWidth: 256,
  rates: usualRates(16),
  alignment: 'align-corners',
};

export interface DeeplabMode {
  /** Whether batch norms take a batch's statistics, and running ones move. */
  readonly training: boolean;
  /** f32[N, asppWidth, h, w], each 0 or 1 / keep probability; without it nothing is dropped. */
  readonly dropoutMask?: Value | undefined;
}

export interface DeeplabOutputs {
  /** f32[N, channels, h, w], what the head reads. */
  readonly features: Value;
  /** f32[N, classes, h, w]. */
  readonly low: Value;
  /** f32[N, classes, H, W], at the size of the image. */
  readonly logits: Value;
}

/**
 * @param images f32[N,C,H,W] of any extent.
 * @throws GenonnxError `usage` for an output stride that the cells cannot have, rates that are none, and training with the
 * statistics of one image; `channels`, `node-out-of-range`.
 */
export function deeplab(
  g: Builder,
  images: Value,
  network: Omit<DeeplabArchitecture, 'image'>,
  { training, dropoutMask }: DeeplabMode,
): DeeplabOutputs {
  const { genotype, cells, initChannels, classes, outputStride, alignment } = network;
  requireNetworkSize(cells, initChannels, classes);
  const lostStrides = lostReductions(cells, outputStride);
  requireHead(network);
  if (training) requireSeveralImages(images);
  const mode: NormMode = { training, affine: true };
  const features = g.named('backbone', () => {
    const stem = imagenetStem(g, images, initChannels, mode, 'any');
    const last = chainCells(g, stem, { cells, initChannels, mode, lostStrides, extents: 'any' }, (context) =>
      derivedCell(context, genotype[context.type], mode, undefined),
    );
    return g.within('features', () => g.relu(last));
  });
  const low = deeplabHead(g, features, network, mode, dropoutMask);
  const extent: Pair = [fixed(images.shape[2], 'images'), fixed(images.shape[3], 'images')];
  return { features, low, logits: g.within('upsample', () => g.resize(low, extent, alignment)) };
}

/** Height and width of the features: each halving rounds up. */
export function featureExtent(extent: number, outputStride: OutputStride): number {
  return Math.ceil(extent / outputStride);
}

/** Behind the stem are so many pixels of the image for one. */
const stemStride = 8;

/** Reductions that lose their stride. @throws GenonnxError `usage` for an output stride that the cells do not reach. */
function lostReductions(cells: number, outputStride: OutputStride): number {
  const types = Array.from({ length: cells }, (_, index) => cellType(index, cells));
  const own = types.reduce((stride, type) => stride * cellStride(type), stemStride);
  if (!OUTPUT_STRIDES.includes(outputStride) || outputStride > own) {
    throw new GenonnxError('usage', 'The network cannot have this output stride.', {
      where: '`outputStride`',
      expected: OUTPUT_STRIDES.filter((stride) => stride <= own).join(', '),
      found: String(outputStride),
      cure:
        outputStride > own ? 'Networks of three cells or more have two reductions.' : 'Choose one of these.',
    });
  }
  return Math.log2(own / outputStride);
}

function requireHead({ asppWidth, rates }: HeadSizes): void {
  if (!Number.isInteger(asppWidth) || asppWidth < 1) {
    throw new GenonnxError('usage', '`asppWidth` must be a positive whole number.', {
      expected: 'a whole number of at least 1',
      found: String(asppWidth),
      cure: 'DeepLab has 256.',
    });
  }
  if (rates.every((rate) => Number.isInteger(rate) && rate >= 1)) return;
  throw new GenonnxError('usage', 'A rate is the distance of pixels that a convolution reads.', {
    where: '`rates`',
    expected: 'three whole numbers of at least 1',
    found: rates.join(', '),
    cure: 'DeepLab has 6, 12 and 18, and 12, 24 and 36 at an output stride of 8.',
  });
}

/** Behind image pooling a batch norm sees one value for each image, of which one has no variance. */
function requireSeveralImages(images: Value): void {
  const [batch] = images.shape;
  if (typeof batch !== 'number' || batch > 1) return;
  throw new GenonnxError('usage', 'The batch norm behind image pooling cannot learn from one image.', {
    where: 'aspp.convs.4.2',
    expected: 'a batch of at least 2 images',
    found: '1',
    cure: 'Choose a larger `batch`, or freeze the batch norms.',
  });
}
