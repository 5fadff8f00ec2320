// Pooling in standard ONNX.
//
// A dilated average is a depthwise convolution with ones, over the count: AveragePool has dilations from opset 19 on only, and
// ONNX Runtime refuses padding as wide as the kernel. It does so for MaxPool, too: there the padding is put around the map.
//
// Max pooling backward: the taps of the window are visited in row-major order; at each, the outputs whose maximum it
// attains and that no earlier tap has taken hand their cotangent to it. So the first maximum wins, and overlapping
// windows add up. A tap's share lies on the grid of the outputs: zeros are put between its elements for the stride, and
// it is shifted by the tap's position.
import type { Node, Pair, PoolAttributes, TensorType, Value } from '../../ir.js';
import { inverseCounts } from '../../operations/pooling.js';
import { fixed } from '../../shapes.js';
import { type Attributes, int, ints } from '../emitter.js';
import type { Lowering, PortableRule } from '../lowering.js';
import { convolutionAttributes, extentOf, mapShape } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

function poolAttributes({ kernel, strides, pads, dilations }: PoolAttributes): Attributes {
  const attributes = { kernel_shape: ints(kernel), strides: ints(strides), pads: ints(pads) };
  return dilations === undefined ? attributes : { ...attributes, dilations: ints(dilations) };
}

const unpadded: PoolAttributes['pads'] = [0, 0, 0, 0];

/** The largest of each window, where the padding never wins. */
function maximum(w: Writer, x: string, from: Value, attributes: PoolAttributes, type?: TensorType): string {
  const [top, left, bottom, right] = attributes.pads;
  const fits = attributes.pads.every((pad, side) => pad < attributes.kernel[side % 2 === 0 ? 0 : 1]);
  if (fits) return w.one('MaxPool', [x], poolAttributes(attributes), type);
  const [height, width] = extentOf(from, w.path);
  const padded = w.pad(
    x,
    [0, 0, top, left],
    [0, 0, bottom, right],
    w.low.emit.scalar(Number.NEGATIVE_INFINITY),
    { ...from, shape: [...from.shape.slice(0, 2), height + top + bottom, width + left + right] },
  );
  return w.one('MaxPool', [padded], poolAttributes({ ...attributes, pads: unpadded }), type);
}

export const maxPool2d: PortableRule<'maxPool2d'> = (node, low) => {
  const w = new Writer(low, node.path);
  const x = valueAt(node.inputs, 0);
  return [maximum(w, low.plain(x), x, node.attributes, node.outputs[0])];
};

export const averagePool2d: PortableRule<'averagePool2d'> = (node, low) => {
  if (isDilated(node.attributes)) return [dilatedAverage(node, low)];
  const attributes = { ...poolAttributes(node.attributes), count_include_pad: int(0) };
  return [
    new Writer(low, node.path).one(
      'AveragePool',
      [inputName(low, node.inputs, 0)],
      attributes,
      node.outputs[0],
    ),
  ];
};

function isDilated({ dilations = [1, 1] }: PoolAttributes): boolean {
  return dilations.some((dilation) => dilation > 1);
}

function dilatedAverage({ attributes, inputs, outputs, path }: Node<'averagePool2d'>, low: Lowering): string {
  const { kernel, strides, pads, dilations = [1, 1] } = attributes;
  const w = new Writer(low, path);
  const [x, y] = [valueAt(inputs, 0), valueAt(outputs, 0)];
  const channels = fixed(x.shape[1], path);
  const ones = low.emit.float32(new Float32Array(channels * kernel[0] * kernel[1]).fill(1), [
    channels,
    1,
    ...kernel,
  ]);
  const geometry = { strides, pads, dilations, groups: channels };
  const sum = w.one('Conv', [low.plain(x), ones], convolutionAttributes(geometry, kernel), y);
  const output = extentOf(y, path);
  const counts = low.emit.float32(inverseCounts(attributes, extentOf(x, path), output), [1, 1, ...output]);
  return w.one('Mul', [sum, counts], {}, y);
}

/** Below any activation. */
const lowest = -3e38;

export const maxPool2dGrad: PortableRule<'maxPool2dGrad'> = (node, low) => {
  const { kernel, strides, pads, dilations = [1, 1] } = node.attributes;
  const [top, left, bottom, right] = pads;
  const w = new Writer(low, node.path);
  const x = inputName(low, node.inputs, 0);
  const [images, channels, height, width] = mapShape(valueAt(node.inputs, 0), node.path);
  const [rows, columns] = extentOf(valueAt(node.inputs, 1), node.path);
  const padded = w.pad(x, [0, 0, top, left], [0, 0, bottom, right], low.emit.scalar(lowest));
  const [tallest, widest] = [height + top + bottom, width + left + right];
  // From a tap's first position to its last.
  const reach: Pair = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1];
  const y = maximum(w, x, valueAt(node.inputs, 0), node.attributes);
  let remaining = inputName(low, node.inputs, 1);
  const shares: string[] = [];
  for (let i = 0; i < kernel[0] * dilations[0]; i += dilations[0]) {
    for (let j = 0; j < kernel[1] * dilations[1]; j += dilations[1]) {
      const tap = w.slice(padded, [2, 3], [i, j], [i + reach[0], j + reach[1]], strides);
      const share = w.one('Where', [w.one('Equal', [tap, y]), remaining, low.emit.scalar(0)]);
      remaining = w.sub(remaining, share);
      const spread = insertZeros(w, share, [images, channels, rows, columns], strides);
      shares.push(w.pad(spread, [0, 0, i, j], [0, 0, tallest - i - reach[0], widest - j - reach[1]]));
    }
  }
  const total = shares.reduce((sum, share) => w.add(sum, share));
  return [w.slice(total, [2, 3], [top, left], [top + height, left + width])];
};

/** strides - 1 zeros between neighbours: [N,C,P,Q] -> [N, C, (P - 1) s + 1, (Q - 1) s + 1]. */
function insertZeros(
  w: Writer,
  x: string,
  [images, channels, rows, columns]: readonly [number, number, number, number],
  [down, across]: Pair,
): string {
  if (down === 1 && across === 1) return x;
  const apart = w.pad(
    w.reshape(x, [images, channels, rows, 1, columns, 1]),
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, down - 1, 0, across - 1],
  );
  const wide = w.reshape(apart, [images, channels, rows * down, columns * across]);
  return w.slice(wide, [2, 3], [0, 0], [(rows - 1) * down + 1, (columns - 1) * across + 1]);
}

export const globalAveragePool: PortableRule<'globalAveragePool'> = (node, low) => {
  const w = new Writer(low, node.path);
  const y = valueAt(node.outputs, 0);
  const pooled = w.one(
    'GlobalAveragePool',
    [inputName(low, node.inputs, 0)],
    {},
    { ...y, shape: [...y.shape, 1, 1] },
  );
  return [w.one('Flatten', [pooled], { axis: int(1) }, y)];
};
