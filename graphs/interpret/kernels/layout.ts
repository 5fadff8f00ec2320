// Operations that move elements.
import {
  addTo,
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

export const reshape: Kernel<'reshape'> = (inputs, { shape }, context) => {
  const { data } = operand(inputs, 0);
  return [{ shape: context.resolve(shape), data }];
};

/** (x [N, ...], indices [M]) -> x[indices] [M, ...]. */
export const gather: Kernel<'gather'> = (inputs) => {
  const x = operand(inputs, 0);
  const { data: indices } = operand(inputs, 1);
  const { inner } = alongAxis(x.shape, 0);
  const y = zeroTensor(withExtent(x.shape, 0, indices.length));
  indices.forEach((row, i) => {
    for (let k = 0; k < inner; k++) y.data[i * inner + k] = at(x.data, row * inner + k);
  });
  return [y];
};

/** (dy [M, ...], indices [M]) -> dx [rows, ...]: rows of dy are added where they came from. */
export const gatherGrad: Kernel<'gatherGrad'> = (inputs, { rows }) => {
  const dy = operand(inputs, 0);
  const { data: indices } = operand(inputs, 1);
  const { inner } = alongAxis(dy.shape, 0);
  const dx = zeroTensor(withExtent(dy.shape, 0, rows));
  indices.forEach((row, i) => {
    for (let k = 0; k < inner; k++) addTo(dx.data, row * inner + k, at(dy.data, i * inner + k));
  });
  return [dx];
};

export const transpose: Kernel<'transpose'> = (inputs, { permutation }) => {
  const x = operand(inputs, 0);
  const strides = rowMajorStrides(x.shape);
  return [
    pick(
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
  return [pick(x, context.resolve(shape), (to) => broadcastOffsets(x.shape, to))];
};

function pick(x: Tensor, shape: readonly number[], from: (shape: readonly number[]) => Uint32Array): Tensor {
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
