// The evaluation network for CIFAR-size images: a 3x3 stem to 3 C channels, cells, global pooling and a linear layer;
// optionally an auxiliary head at the second reduction. Parameter names are those of the released PyTorch definitions.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';
import { GenonnxError } from '../errors.js';
import type { Genotype } from '../genotype/types.js';
import { cellType, chainCells, requireNetworkSize } from './cells.js';
import { type DropPath, derivedCell, droppedPaths } from './derived-cell.js';
import { convolution, linear } from './layers.js';
import { convolutionNorm, type NormMode } from './norm.js';

export interface CifarOptions {
  readonly genotype: Genotype;
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

/**
 * @param images f32[N,C,H,W] with H and W multiples of 4.
 * @param dropMasks f32[droppedPathCount, N], each 0 or 1 / keep probability; without it no path is dropped.
 * @throws GenonnxError `image-size`, `channels`, `node-out-of-range`.
 */
export function cifarNetwork(
  g: Builder,
  images: Value,
  options: CifarOptions,
  dropMasks?: Value,
): NetworkOutputs {
  const { genotype, cells, initChannels, classes, auxiliary, training } = options;
  requireNetworkSize(cells, initChannels, classes);
  const mode: NormMode = { training, affine: true };
  const stem = g.within('stem', () =>
    convolutionNorm(
      g,
      (bias) =>
        convolution(g, images, { name: 'stem.0', outputs: 3 * initChannels, kernel: 3, padding: 1 }, bias),
      { ...mode, name: 'stem.1', channels: 3 * initChannels },
    ),
  );
  const dropPath = dropMasks === undefined ? undefined : maskedPaths(g, dropMasks);
  let auxiliaryLogits: Value | undefined;
  const last = chainCells(
    g,
    [stem, stem],
    { cells, initChannels, mode },
    (context) => derivedCell(context, genotype[context.type], mode, dropPath),
    (index, output) => {
      if (auxiliary && index === Math.floor((2 * cells) / 3))
        auxiliaryLogits = auxiliaryHead(g, output, classes, mode);
    },
  );
  const logits = linear(
    g,
    g.within('pool', () => g.globalAveragePool(last)),
    'classifier',
    classes,
  );
  return auxiliaryLogits === undefined ? { logits } : { logits, auxiliaryLogits };
}

/** Hands out one mask after the other, in the order of the operations. */
function maskedPaths(g: Builder, masks: Value): DropPath {
  const [count, images] = [fixed(masks.shape[0], 'dropMasks'), fixed(masks.shape[1], 'dropMasks')];
  const rows = g.split(masks, 0, new Array<number>(count).fill(1));
  let next = 0;
  return (path) => {
    const row = rows[next++];
    if (row === undefined) throw new RangeError('fewer masks than paths');
    return g.mul(path, g.reshape(row, [images, 1, 1, 1]));
  };
}

/** Masks that a network needs: one for each operation that is no identity. */
export function droppedPathCount(genotype: Genotype, cells: number): number {
  let count = 0;
  for (let index = 0; index < cells; index++) {
    const type = cellType(index, cells);
    count += droppedPaths(genotype[type], type);
  }
  return count;
}

/** ReLU, average pool 5 stride 3, 1x1 to 128, BN, ReLU, 2x2 to 768, BN, ReLU, linear. Needs an extent of 8 to 10. */
function auxiliaryHead(g: Builder, x: Value, classes: number, mode: NormMode): Value {
  const [height, width] = [fixed(x.shape[2], 'auxiliary_head'), fixed(x.shape[3], 'auxiliary_head')];
  if (height < 8 || height > 10 || width < 8 || width > 10) {
    throw new GenonnxError('image-size', 'The auxiliary head does not fit this image size.', {
      where: 'auxiliary_head',
      expected: 'feature maps of 8 to 10 pixels at the second reduction (images of 32 to 40)',
      found: `${height}x${width}`,
      cure: 'Pad the images to 32x32, or switch the auxiliary head off.',
    });
  }
  return g.within('auxiliary_head', () => {
    const pooled = g.averagePool2d(g.relu(x), { kernel: 5, stride: 3, padding: 0 });
    const block = (input: Value, index: number, outputs: number, kernel: number): Value =>
      g.relu(
        convolutionNorm(
          g,
          (bias) =>
            convolution(g, input, { name: `auxiliary_head.features.${index}`, outputs, kernel }, bias),
          { ...mode, name: `auxiliary_head.features.${index + 1}`, channels: outputs },
        ),
      );
    const narrow = g.within('narrow', () => block(pooled, 2, 128, 1));
    const wide = g.within('wide', () => block(narrow, 5, 768, 2));
    return linear(g, g.reshape(wide, [wide.shape[0] ?? 1, 768]), 'auxiliary_head.classifier', classes);
  });
}
