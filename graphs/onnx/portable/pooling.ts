// Pooling in standard ONNX.
//
// Max pooling backward: the taps of the window are visited in row-major order; at each, the outputs whose maximum it
// attains and that no earlier tap has taken hand their cotangent to it. So the first maximum wins, and overlapping
// windows add up. A tap's share lies on the grid of the outputs: zeros are put between its elements for the stride, and
// it is shifted by the tap's position.
import type { PoolAttributes } from '../../ir.js';
import { fixedShape } from '../../shapes.js';
import { type Attributes, int, ints } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
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
  const w = new Writer(low, node.path);
  const [x, dy] = [inputName(low, node.inputs, 0), inputName(low, node.inputs, 1)];
  const [, , height, width] = fixedShape(valueAt(node.inputs, 0).shape, node.path) as [
    number,
    number,
    number,
    number,
  ];
  const [rows, columns] = fixedShape(valueAt(node.inputs, 1).shape.slice(2), node.path) as [number, number];
  const padded = w.pad(x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]], low.emit.scalar(lowest));
  const y = w.one('MaxPool', [x], poolAttributes(node.attributes));
  const [tallest, widest] = [height + pads[0] + pads[2], width + pads[1] + pads[3]];
  const reach = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1] as const;
  let remaining = dy;
  let total: string | undefined;
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const tap = w.slice(padded, [2, 3], [i, j], [i + reach[0], j + reach[1]], [strides[0], strides[1]]);
      const share = w.one('Where', [w.one('Equal', [tap, y]), remaining, low.emit.scalar(0)]);
      remaining = w.sub(remaining, share);
      const spread = insertZeros(w, share, node.outputs[0]?.shape ?? [], [rows, columns], strides);
      const placed = w.pad(spread, [0, 0, i, j], [0, 0, tallest - i - reach[0], widest - j - reach[1]]);
      total = total === undefined ? placed : w.add(total, placed);
    }
  }
  return [w.slice(total ?? dy, [2, 3], [pads[0], pads[1]], [pads[0] + height, pads[1] + width])];
};

/** strides - 1 zeros between neighbours: [.., P, Q] -> [.., (P - 1) s + 1, (Q - 1) s + 1]. */
function insertZeros(
  w: Writer,
  x: string,
  shape: readonly (number | string)[],
  [rows, columns]: readonly [number, number],
  strides: readonly [number, number],
): string {
  if (strides[0] === 1 && strides[1] === 1) return x;
  const [images = 1, channels = 1] = shape;
  const apart = w.pad(
    w.reshape(x, [images, channels, rows, 1, columns, 1]),
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, strides[0] - 1, 0, strides[1] - 1],
  );
  const wide = w.reshape(apart, [images, channels, rows * strides[0], columns * strides[1]]);
  return w.slice(wide, [2, 3], [0, 0], [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1]);
}

/** dy / count, transposed-convolved with ones by channel. */
export const averagePool2dGrad: PortableRule<'averagePool2dGrad'> = (node, low) => {
  const { kernel, strides, pads, inputExtent } = node.attributes;
  const w = new Writer(low, node.path);
  const [, channels, rows, columns] = fixedShape(valueAt(node.inputs, 0).shape, node.path) as [
    number,
    number,
    number,
    number,
  ];
  const inverse = new Float32Array(rows * columns);
  for (let p = 0; p < rows; p++) {
    for (let q = 0; q < columns; q++) {
      const count =
        valid(p * strides[0] - pads[0], kernel[0], inputExtent[0]) *
        valid(q * strides[1] - pads[1], kernel[1], inputExtent[1]);
      inverse[p * columns + q] = 1 / count;
    }
  }
  const shares = w.mul(inputName(low, node.inputs, 0), low.emit.float32(inverse, [1, 1, rows, columns]));
  const ones = low.emit.float32(new Float32Array(channels * kernel[0] * kernel[1]).fill(1), [
    channels,
    1,
    ...kernel,
  ]);
  const outputPadding = [0, 1].map((axis) => {
    const size = axis === 0 ? rows : columns;
    const full =
      (size - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1) - (pads[axis] ?? 0) - (pads[axis + 2] ?? 0);
    return (inputExtent[axis] ?? 0) - full;
  });
  return [
    w.one('ConvTranspose', [shares, ones], {
      ...poolAttributes(node.attributes),
      group: int(channels),
      output_padding: ints(outputPadding),
    }),
  ];
};

/** How many of `size` positions from `start` lie in [0, extent). */
function valid(start: number, size: number, extent: number): number {
  return Math.min(start + size, extent) - Math.max(start, 0);
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

export const globalAveragePoolGrad: PortableRule<'globalAveragePoolGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const shape = fixedShape(valueAt(node.outputs, 0).shape, node.path);
  const [images = 1, channels = 1, height = 1, width = 1] = shape;
  const share = w.mul(inputName(low, node.inputs, 0), low.emit.scalar(1 / (height * width)));
  return [w.one('Expand', [w.reshape(share, [images, channels, 1, 1]), low.emit.int64(shape)])];
};
