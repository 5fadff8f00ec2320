// Operations that move elements.
import type { Shape } from '../../ir.js';
import { elementCount } from '../../shapes.js';
import {
  alongAxis,
  at,
  broadcastOffsets,
  extent,
  offsets,
  rowMajorStrides,
  type Tensor,
  withExtent,
  zeroTensor,
} from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

export const constant: Kernel<'constant'> = (_inputs, { shape, data }) => [{ shape, data }];

export const reshape: Kernel<'reshape'> = (inputs, { shape }) => {
  const { data } = operand(inputs, 0);
  return [{ shape: fillIn(shape, data.length), data }];
};

/** A symbolic dimension takes what the known ones leave of the elements. */
function fillIn(shape: Shape, elements: number): number[] {
  const known = elementCount(shape.filter((dimension) => typeof dimension === 'number'));
  return shape.map((dimension) => (typeof dimension === 'number' ? dimension : elements / known));
}

export const transpose: Kernel<'transpose'> = (inputs, { permutation }) => {
  const x = operand(inputs, 0);
  const strides = rowMajorStrides(x.shape);
  return [
    gather(
      x,
      permutation.map((axis) => extent(x, axis)),
      (shape) =>
        offsets(
          shape,
          permutation.map((axis) => strides[axis] ?? 0),
        ),
    ),
  ];
};

export const expand: Kernel<'expand'> = (inputs, { shape }, context) => {
  const x = operand(inputs, 0);
  return [gather(x, context.resolve(shape), (to) => broadcastOffsets(x.shape, to))];
};

function gather(
  x: Tensor,
  shape: readonly number[],
  from: (shape: readonly number[]) => Uint32Array,
): Tensor {
  const places = from(shape);
  return { shape, data: Float64Array.from(places, (place) => at(x.data, place)) };
}

/** Copies rows start, start + 1, ... along an axis of `source` over all rows of the result. */
function cut(source: Tensor, axis: number, start: number, count: number): Tensor {
  const { outer, size, inner } = alongAxis(source.shape, axis);
  const y = zeroTensor(withExtent(source.shape, axis, count));
  for (let block = 0; block < outer; block++) {
    const from = (block * size + start) * inner;
    y.data.set(source.data.subarray(from, from + count * inner), block * count * inner);
  }
  return y;
}

/** Copies all rows of `source` along an axis into `target`, from row `start` on. */
function paste(target: Tensor, source: Tensor, axis: number, start: number): void {
  const { outer, size, inner } = alongAxis(source.shape, axis);
  for (let block = 0; block < outer; block++) {
    const rows = source.data.subarray(block * size * inner, (block + 1) * size * inner);
    target.data.set(rows, (block * extent(target, axis) + start) * inner);
  }
}

export const slice: Kernel<'slice'> = (inputs, { axis, start, end }) => [
  cut(operand(inputs, 0), axis, start, end - start),
];

export const split: Kernel<'split'> = (inputs, { axis, sizes }) => {
  let start = 0;
  return sizes.map((size) => {
    const part = cut(operand(inputs, 0), axis, start, size);
    start += size;
    return part;
  });
};

export const pad: Kernel<'pad'> = (inputs, { axis, before, after }) => {
  const x = operand(inputs, 0);
  const y = zeroTensor(withExtent(x.shape, axis, extent(x, axis) + before + after));
  paste(y, x, axis, before);
  return [y];
};

export const concat: Kernel<'concat'> = (inputs, { axis }) => {
  const total = inputs.reduce((sum, part) => sum + extent(part, axis), 0);
  const y = zeroTensor(withExtent(operand(inputs, 0).shape, axis, total));
  let start = 0;
  for (const part of inputs) {
    paste(y, part, axis, start);
    start += extent(part, axis);
  }
  return [y];
};
