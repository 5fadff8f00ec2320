// Elementwise operations in standard ONNX: one operator each.
import type { OperationName } from '../../ir.js';
import type { PortableRule } from '../lowering.js';
import { inputName, valueAt, Writer } from './writer.js';

type Direct =
  | 'relu'
  | 'neg'
  | 'sqrt'
  | 'sigmoid'
  | 'tanh'
  | 'reciprocal'
  | 'not'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'minimum'
  | 'and';

function direct<K extends Direct & OperationName>(operator: string): PortableRule<K> {
  return (node, low) => [
    new Writer(low, node.path).one(
      operator,
      node.inputs.map((value) => low.plain(value)),
      {},
      node.outputs[0],
    ),
  ];
}

export const relu = direct<'relu'>('Relu');
export const neg = direct<'neg'>('Neg');
export const sqrt = direct<'sqrt'>('Sqrt');
export const sigmoid = direct<'sigmoid'>('Sigmoid');
export const tanh = direct<'tanh'>('Tanh');
export const reciprocal = direct<'reciprocal'>('Reciprocal');
export const not = direct<'not'>('Not');
export const add = direct<'add'>('Add');
export const sub = direct<'sub'>('Sub');
export const mul = direct<'mul'>('Mul');
export const div = direct<'div'>('Div');
export const minimum = direct<'minimum'>('Min');
export const and = direct<'and'>('And');

export const reluGrad: PortableRule<'reluGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const zero = low.emit.scalar(0);
  const positive = w.one('Greater', [inputName(low, node.inputs, 1), zero]);
  return [w.one('Where', [positive, inputName(low, node.inputs, 0), zero])];
};

/** Nothing is calculated: the value keeps its name. */
export const detach: PortableRule<'detach'> = (node, low) => [inputName(low, node.inputs, 0)];

export const sum: PortableRule<'sum'> = (node, low) => {
  const names = node.inputs.map((value) => low.plain(value));
  return [
    new Writer(low, node.path).one(names.length === 2 ? 'Add' : 'Sum', names, {}, valueAt(node.outputs, 0)),
  ];
};
