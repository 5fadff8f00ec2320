// Matrix product and reduction.
import { addScaledRow, addTo, at, extent, offsets, rowMajorStrides, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

/** y[m,n] = sum_k A[m,k] B[k,n]; a transposed operand is read with its strides exchanged. */
export const matMul: Kernel<'matMul'> = (inputs, { transposeA, transposeB }) => {
  const a = operand(inputs, 0);
  const b = operand(inputs, 1);
  const rows = extent(a, transposeA ? 1 : 0);
  const inner = extent(a, transposeA ? 0 : 1);
  const columns = extent(b, transposeB ? 0 : 1);
  const [rowA, innerA] = transposeA ? [1, rows] : [inner, 1];
  const [innerB, columnB] = transposeB ? [1, inner] : [columns, 1];
  const y = zeroTensor([rows, columns]);
  for (let m = 0; m < rows; m++) {
    for (let k = 0; k < inner; k++) {
      const factor = at(a.data, m * rowA + k * innerA);
      const row = { start: k * innerB, stride: columnB };
      addScaledRow(y.data, { start: m * columns, stride: 1 }, factor, b.data, row, columns);
    }
  }
  return [y];
};

export const reduceSum: Kernel<'reduceSum'> = (inputs, { axes, keepDims }) => {
  const x = operand(inputs, 0);
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const y = zeroTensor(keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)));
  const strides = rowMajorStrides(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  offsets(x.shape, strides).forEach((to, from) => {
    addTo(y.data, to, at(x.data, from));
  });
  return [y];
};
