// Elementwise operations, with and without broadcasting.
import { awayFromZero, positive, random } from '../../../support/tensors.js';
import { type CaseInput, integers, type OperationCase, withType } from './case.js';

const shape = [2, 3, 4];
const x = random(shape, 1);
const gates = (seed: number): CaseInput => withType(integers([6], 0, 1, seed), 'bool');

const broadcasting = [
  { name: 'equal shapes', attributes: {}, inputs: [x, random(shape, 2)] },
  { name: 'a scalar', attributes: {}, inputs: [x, random([], 2)] },
  { name: 'both broadcast', attributes: {}, inputs: [random([3, 1], 1), random([2, 1, 4], 2)] },
];

export const add: readonly OperationCase<'add'>[] = broadcasting;
export const sub: readonly OperationCase<'sub'>[] = broadcasting;
export const mul: readonly OperationCase<'mul'>[] = broadcasting;
export const minimum: readonly OperationCase<'minimum'>[] = broadcasting;

export const div: readonly OperationCase<'div'>[] = [
  { name: 'equal shapes', attributes: {}, inputs: [x, positive(shape, 2)] },
  { name: 'a scalar', attributes: {}, inputs: [x, positive([], 2)] },
];

export const relu: readonly OperationCase<'relu'>[] = [
  { name: 'around zero', attributes: {}, inputs: [x] },
  { name: 'at zero', attributes: {}, inputs: [integers(shape, -1, 1)] },
];

export const reluGrad: readonly OperationCase<'reluGrad'>[] = [
  { name: 'around zero', attributes: {}, inputs: [x, awayFromZero(shape, 2)] },
  { name: 'at zero', attributes: {}, inputs: [x, integers(shape, 0, 1)] },
];

export const neg: readonly OperationCase<'neg'>[] = [{ name: 'any', attributes: {}, inputs: [x] }];
export const sqrt: readonly OperationCase<'sqrt'>[] = [
  { name: 'positive', attributes: {}, inputs: [positive(shape)] },
];
const wide = [
  { name: 'around zero', attributes: {}, inputs: [x] },
  { name: 'far from zero', attributes: {}, inputs: [integers(shape, -60, 60)] },
];
export const sigmoid: readonly OperationCase<'sigmoid'>[] = wide;
export const tanh: readonly OperationCase<'tanh'>[] = wide;
export const reciprocal: readonly OperationCase<'reciprocal'>[] = [
  { name: 'positive', attributes: {}, inputs: [positive(shape)] },
];

export const sum: readonly OperationCase<'sum'>[] = [1, 2, 3, 5].map((terms) => ({
  name: `${terms} terms`,
  attributes: {},
  inputs: Array.from({ length: terms }, (_, i) => random(shape, i + 1)),
}));

export const detach: readonly OperationCase<'detach'>[] = [{ name: 'any', attributes: {}, inputs: [x] }];

export const and: readonly OperationCase<'and'>[] = [
  { name: 'gates', attributes: {}, inputs: [gates(1), gates(2)] },
];
export const not: readonly OperationCase<'not'>[] = [{ name: 'gates', attributes: {}, inputs: [gates(1)] }];
