// Pooling. TensorFlow.js pools with 'SAME' and 'VALID' padding only, and at a stride 'SAME' begins its windows elsewhere
// than PyTorch does. Where it does not, it is used; else the padding is written out. Padding never wins a maximum; of an
// average over zeros, the share of pixels that are not padding is known and is divided out. It has no dilated pools: a maximum
// is taken in images of every d-th pixel, an average is a depthwise convolution with ones, over the count.
import type { Node, Pair, Value } from '../../graphs/ir.js';
import { inverseCounts } from '../../graphs/operations/pooling.js';
import { fixed } from '../../graphs/shapes.js';
import { convolutionAttributes, subsampled } from './convolution.js';
import { type Attributes, bool, ints, text } from './graph-def.js';
import { type Lowering, type Rule, valueAt } from './lowering.js';

/** Below any activation, and finite: half precision makes it minus infinity, which does not win either. */
const lowest = -3e38;

type PoolNode = Node<'maxPool2d'> | Node<'averagePool2d'>;

export const maxPool2d: Rule<'maxPool2d'> = (node, low) => {
  if (isDilated(node)) return dilatedMaximum(node, low);
  const padding = impliedPadding(node);
  if (padding !== undefined) return pool(node, low, 'MaxPool', low.name(valueAt(node.inputs, 0)), padding);
  return pool(node, low, 'MaxPool', padded(node, low, lowest), 'VALID');
};

export const averagePool2d: Rule<'averagePool2d'> = (node, low) => {
  if (isDilated(node)) return dilatedAverage(node, low);
  const padding = impliedPadding(node);
  if (padding !== undefined) return pool(node, low, 'AvgPool', low.name(valueAt(node.inputs, 0)), padding);
  const { writer } = low;
  const mean = pool(node, low, 'AvgPool', padded(node, low, 0), 'VALID');
  const [rows, columns] = extentOf(valueAt(node.outputs, 0), node.path);
  const factors = writer.floats(windowShares(node), [1, rows, columns, 1]);
  return writer.node(node.path, 'Mul', [mean, factors]);
};

export const globalAveragePool: Rule<'globalAveragePool'> = ({ inputs, path }, low) => {
  const { writer } = low;
  const pixels = writer.ints([1, 2]);
  return writer.node(path, 'Mean', [low.name(valueAt(inputs, 0)), pixels], { keep_dims: bool(false) });
};

function isDilated({ attributes: { dilations = [1, 1] } }: PoolNode): boolean {
  return dilations.some((dilation) => dilation > 1);
}

/** Undilated windows over images of every d-th pixel; of their results at every pixel, every s-th is kept. */
function dilatedMaximum(node: Node<'maxPool2d'>, low: Lowering): string {
  const { attributes, inputs, path } = node;
  const { strides, pads, dilations = [1, 1] } = attributes;
  const { writer } = low;
  const extent = extentOf(valueAt(inputs, 0), path);
  /** Pixels that make all images equal: what windows that read them make is cut off. */
  const added = (axis: 0 | 1): number => {
    const size = extent[axis] + pads[axis] + pads[axis === 0 ? 2 : 3];
    return (dilations[axis] - (size % dilations[axis])) % dilations[axis];
  };
  const more = writer.ints([0, added(0), 0, added(1)], [2, 2]);
  const blocks = writer.ints(dilations);
  const apart = writer.preparation(path, 'SpaceToBatchND', [padded(node, low, lowest), blocks, more]);
  const everywhere = { ...node, attributes: { ...attributes, strides: [1, 1] as const } };
  const largest = pool(everywhere, low, 'MaxPool', apart, 'VALID');
  const together = writer.node(path, 'BatchToSpaceND', [largest, blocks, more]);
  return subsampled(low, path, together, strides);
}

/** A depthwise convolution with ones, over the count. */
function dilatedAverage(node: Node<'averagePool2d'>, low: Lowering): string {
  const { attributes, inputs, outputs, path } = node;
  const { kernel, strides, pads, dilations = [1, 1] } = attributes;
  const { writer } = low;
  const [x, y] = [valueAt(inputs, 0), valueAt(outputs, 0)];
  const channels = fixed(x.shape[1], path);
  const taps = new Float32Array(kernel[0] * kernel[1] * channels).fill(1);
  const ones = writer.floats(taps, [...kernel, channels, 1]);
  const geometry = convolutionAttributes({ strides: [1, 1], pads, dilations });
  const sums = writer.node(path, 'DepthwiseConv2dNative', [low.name(x), ones], geometry);
  const output = extentOf(y, path);
  const shares = writer.floats(inverseCounts(attributes, extentOf(x, path), output), [1, ...output, 1]);
  return writer.node(path, 'Mul', [subsampled(low, path, sums, strides), shares]);
}

function pool(
  { attributes, path }: PoolNode,
  { writer }: Lowering,
  op: string,
  x: string,
  padding: string,
): string {
  const { kernel, strides } = attributes;
  const window: Attributes = {
    data_format: text('NHWC'),
    ksize: ints([1, ...kernel, 1]),
    strides: ints([1, ...strides, 1]),
    padding: text(padding),
  };
  return writer.node(path, op, [x], window);
}

function padded({ attributes, inputs, path }: PoolNode, low: Lowering, value: number): string {
  const { writer } = low;
  const [top, left, bottom, right] = attributes.pads;
  const paddings = writer.ints([0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  return writer.preparation(path, 'PadV2', [
    low.name(valueAt(inputs, 0)),
    paddings,
    writer.floats([value], []),
  ]);
}

/** The padding by name under which TensorFlow's windows are the node's. */
function impliedPadding(node: PoolNode): 'SAME' | 'VALID' | undefined {
  if (node.attributes.pads.every((pad) => pad === 0)) return 'VALID';
  return isSame(node, 0) && isSame(node, 1) ? 'SAME' : undefined;
}

/** 'SAME' has ceil(size / stride) windows and pads by half of what they lack, rounded down, before the first. */
function isSame({ attributes, inputs, outputs, path }: PoolNode, axis: 0 | 1): boolean {
  const { kernel, strides, pads } = attributes;
  const [size, count] = [extentOf(valueAt(inputs, 0), path)[axis], extentOf(valueAt(outputs, 0), path)[axis]];
  const lacking = Math.max(0, (count - 1) * strides[axis] + kernel[axis] - size);
  return count === Math.ceil(size / strides[axis]) && pads[axis] === Math.floor(lacking / 2);
}

/** Pixels of a window over those of them that are not padding, for each output. */
function windowShares({ attributes, inputs, outputs, path }: Node<'averagePool2d'>): number[] {
  const { kernel, strides, pads } = attributes;
  const [input, output] = [extentOf(valueAt(inputs, 0), path), extentOf(valueAt(outputs, 0), path)];
  const along = (axis: 0 | 1): number[] =>
    Array.from({ length: output[axis] }, (_, index) => {
      const start = index * strides[axis] - pads[axis];
      const valid = Math.min(start + kernel[axis], input[axis]) - Math.max(start, 0);
      return kernel[axis] / valid;
    });
  const acrossColumns = along(1);
  return along(0).flatMap((ofRow) => acrossColumns.map((ofColumn) => ofRow * ofColumn));
}

/** Height and width; the batch may be open. */
function extentOf({ shape }: Value, path: string): Pair {
  return [fixed(shape[2], path), fixed(shape[3], path)];
}
