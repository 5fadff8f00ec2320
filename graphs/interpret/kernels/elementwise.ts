// Elementwise operations, binary ones with NumPy's broadcasting. Truth values are 0 and 1.
import { broadcast, fixedShape } from '../../shapes.js';
import { at, broadcastOffsets, type Tensor, zeroTensor } from '../tensor.js';
import { operand } from './kernel.js';

type Elementwise = (inputs: readonly Tensor[]) => readonly Tensor[];

function unary(of: (x: number) => number): Elementwise {
  return (inputs) => {
    const x = operand(inputs, 0);
    return [{ shape: x.shape, data: x.data.map(of) }];
  };
}

function binary(of: (a: number, b: number) => number): Elementwise {
  return (inputs) => {
    const a = operand(inputs, 0);
    const b = operand(inputs, 1);
    const y = zeroTensor(fixedShape(broadcast(a.shape, b.shape, 'interpret'), 'interpret'));
    const fromA = broadcastOffsets(a.shape, y.shape);
    const fromB = broadcastOffsets(b.shape, y.shape);
    for (let i = 0; i < y.data.length; i++)
      y.data[i] = of(at(a.data, fromA[i] ?? -1), at(b.data, fromB[i] ?? -1));
    return [y];
  };
}

export const relu = unary((x) => Math.max(x, 0));
export const neg = unary((x) => -x);
export const sqrt = unary(Math.sqrt);
export const sigmoid = unary((x) => 1 / (1 + Math.exp(-x)));
export const tanh = unary(Math.tanh);
export const detach: Elementwise = (inputs) => [operand(inputs, 0)];
export const reciprocal = unary((x) => 1 / x);
export const not = unary((x) => (x === 0 ? 1 : 0));
export const add = binary((a, b) => a + b);
export const sub = binary((a, b) => a - b);
export const mul = binary((a, b) => a * b);
export const div = binary((a, b) => a / b);
export const minimum = binary(Math.min);
export const and = binary((a, b) => (a !== 0 && b !== 0 ? 1 : 0));
/** (dy, y). */
export const reluGrad = binary((dy, y) => (y > 0 ? dy : 0));

export const sum: Elementwise = (inputs) => {
  const y = zeroTensor(operand(inputs, 0).shape);
  for (const { data } of inputs)
    for (let i = 0; i < data.length; i++) y.data[i] = at(y.data, i) + at(data, i);
  return [y];
};
