// Pooling in standard ONNX.
//
// Max pooling backward: the taps of the window are visited in row-major order; at each, the outputs whose maximum it
// attains and that no earlier tap has taken hand their cotangent to it. So the first maximum wins, and overlapping
// windows add up. A tap's share lies on the grid of the outputs: zeros are put between its elements for the stride, and
// it is shifted by the tap's position.
import type { Pair, PoolAttributes } from '../../ir.js';
import { type Attributes, int, ints } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { extentOf, mapShape } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

function poolAttributes({ kernel, strides, pads }: PoolAttributes): Attributes {
  return { kernel_shape: ints(kernel), strides: ints(strides), pads: ints(pads) };
}

export const maxPool2d: PortableRule<'maxPool2d'> = (node, low) => [
  new Writer(low, node.path).one(
    'MaxPool',
    [inputName(low, node.inputs, 0)],
    poolAttributes(node.attributes),
    node.outputs[0],
  ),
];

export const averagePool2d: PortableRule<'averagePool2d'> = (node, low) => {
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

/** Below any activation. */
const lowest = -3e38;

export const maxPool2dGrad: PortableRule<'maxPool2dGrad'> = (node, low) => {
  const { kernel, strides, pads } = node.attributes;
  const [top, left, bottom, right] = pads;
  const w = new Writer(low, node.path);
  const x = inputName(low, node.inputs, 0);
  const [images, channels, height, width] = mapShape(valueAt(node.inputs, 0), node.path);
  const [rows, columns] = extentOf(valueAt(node.inputs, 1), node.path);
  const padded = w.pad(x, [0, 0, top, left], [0, 0, bottom, right], low.emit.scalar(lowest));
  const [tallest, widest] = [height + top + bottom, width + left + right];
  // From a tap's first position to its last.
  const reach: Pair = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1];
  const y = w.one('MaxPool', [x], poolAttributes(node.attributes));
  let remaining = inputName(low, node.inputs, 1);
  const shares: string[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
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
