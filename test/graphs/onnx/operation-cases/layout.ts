// Operations that move elements, matrix products and sums.
import type { OperationAttributes } from '../../../../graphs/ir.js';
import { random } from '../../../support/tensors.js';
import { integers, type OperationCase, withType } from './case.js';

const x = random([2, 3, 4], 1);

export const constant: readonly OperationCase<'constant'>[] = [
  constantCase({ data: random([2, 3]).data.map(Math.fround), shape: [2, 3], dtype: 'float32' }),
  constantCase({ data: Float64Array.of(0.25), shape: [], dtype: 'float32' }),
  constantCase({ data: Float64Array.of(-1, 7, 2 ** 40), shape: [3], dtype: 'int64' }),
  constantCase({ data: Float64Array.of(0, 1, 1), shape: [3], dtype: 'bool' }),
];

function constantCase(attributes: OperationAttributes['constant']): OperationCase<'constant'> {
  return { name: `${attributes.dtype} [${attributes.shape}]`, attributes, inputs: [] };
}

export const reshape: readonly OperationCase<'reshape'>[] = [
  { name: 'to a matrix', attributes: { shape: [6, 4] }, inputs: [x] },
  { name: 'to a scalar', attributes: { shape: [] }, inputs: [random([1])] },
  { name: 'from a scalar', attributes: { shape: [1, 1] }, inputs: [random([])] },
  { name: 'integers', attributes: { shape: [3, 2] }, inputs: [withType(integers([6], 0, 9), 'int64')] },
  { name: 'gates', attributes: { shape: [3, 2] }, inputs: [withType(integers([6], 0, 1), 'bool')] },
];

export const transpose: readonly OperationCase<'transpose'>[] = [
  { name: 'a turn', attributes: { permutation: [1, 2, 0] }, inputs: [x] },
  { name: 'nothing', attributes: { permutation: [0, 1, 2] }, inputs: [x] },
];

export const slice: readonly OperationCase<'slice'>[] = [
  { name: 'the middle', attributes: { axis: 2, start: 1, end: 3 }, inputs: [x] },
  { name: 'the end', attributes: { axis: 0, start: 1, end: 2 }, inputs: [x] },
];

export const pad: readonly OperationCase<'pad'>[] = [
  { name: 'both sides', attributes: { axis: 2, before: 2, after: 1 }, inputs: [x] },
  { name: 'nothing', attributes: { axis: 0, before: 0, after: 0 }, inputs: [x] },
];

export const concat: readonly OperationCase<'concat'>[] = [
  { name: 'rows', attributes: { axis: 1 }, inputs: [x, random([2, 1, 4], 2), random([2, 5, 4], 3)] },
];

export const split: readonly OperationCase<'split'>[] = [
  { name: 'unequal', attributes: { axis: 1, sizes: [2, 1] }, inputs: [x] },
  { name: 'equal', attributes: { axis: 2, sizes: [2, 2] }, inputs: [x] },
];

export const expand: readonly OperationCase<'expand'>[] = [
  { name: 'an extent', attributes: { shape: [2, 3, 4] }, inputs: [random([2, 1, 4])] },
  { name: 'a rank', attributes: { shape: [2, 3, 4] }, inputs: [random([4])] },
  { name: 'a scalar', attributes: { shape: [2, 3] }, inputs: [random([])] },
];

export const reduceSum: readonly OperationCase<'reduceSum'>[] = [
  { name: 'one axis', attributes: { axes: [1], keepDims: false }, inputs: [x] },
  { name: 'two axes, kept', attributes: { axes: [0, 2], keepDims: true }, inputs: [x] },
  { name: 'all axes', attributes: { axes: [0, 1, 2], keepDims: false }, inputs: [x] },
  { name: 'no axis', attributes: { axes: [], keepDims: false }, inputs: [x] },
];

export const matMul: readonly OperationCase<'matMul'>[] = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({
    name: `a${transposeA ? ' transposed' : ''}, b${transposeB ? ' transposed' : ''}`,
    attributes: { transposeA, transposeB },
    inputs: [random(transposeA ? [4, 3] : [3, 4], 1), random(transposeB ? [5, 4] : [4, 5], 2)],
  })),
);
