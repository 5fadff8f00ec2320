// Elementwise operations, sums of many terms, and matrix products.
import type { Node, Value } from '../../graphs/ir.js';
import { bool, int } from './graph-def.js';
import { storedData } from './layout.js';
import { type Lowering, type Rule, valueAt } from './lowering.js';

export const relu: Rule<'relu'> = ({ inputs, path }, low) =>
  low.writer.node(path, 'Relu', [low.name(valueAt(inputs, 0))]);

export const add: Rule<'add'> = (node, low) =>
  low.writer.node(node.path, 'AddV2', [aligned(node, low, 0), aligned(node, low, 1)]);

export const mul: Rule<'mul'> = (node, low) =>
  low.writer.node(node.path, 'Mul', [aligned(node, low, 0), aligned(node, low, 1)]);

export const sub: Rule<'sub'> = (node, low) =>
  low.writer.node(node.path, 'Sub', [aligned(node, low, 0), aligned(node, low, 1)]);

export const sigmoid: Rule<'sigmoid'> = ({ inputs, path }, low) =>
  low.writer.node(path, 'Sigmoid', [low.name(valueAt(inputs, 0))]);

export const tanh: Rule<'tanh'> = ({ inputs, path }, low) =>
  low.writer.node(path, 'Tanh', [low.name(valueAt(inputs, 0))]);

/** The terms have one shape, so nothing is broadcast. */
export const sum: Rule<'sum'> = ({ inputs, path }, low) => {
  const terms = inputs.map((term) => low.name(term));
  if (terms.length === 2) return low.writer.node(path, 'AddV2', terms);
  return low.writer.node(path, 'AddN', terms, { N: int(terms.length) });
};

export const matMul: Rule<'matMul'> = ({ attributes, inputs, path }, low) =>
  low.writer.node(
    path,
    'MatMul',
    inputs.map((value) => low.name(value)),
    { transpose_a: bool(attributes.transposeA), transpose_b: bool(attributes.transposeB) },
  );

/**
 * An operand that broadcasts as it does in NCHW. Beside one of rank 4, an operand of lower rank gets that rank, so that
 * its axes are moved as the others are.
 */
function aligned(node: Node<'add'> | Node<'mul'> | Node<'sub'>, low: Lowering, index: 0 | 1): string {
  const value = valueAt(node.inputs, index);
  const { shape } = value;
  const rank = valueAt(node.outputs, 0).shape.length;
  if (rank !== 4 || shape.length === 4 || isOneNumber(value)) return low.name(value);
  return low.rearranged(low.known(value, node), 'of rank 4', (known) => {
    const leading = new Array<number>(rank - known.shape.length).fill(1);
    return storedData({ shape: [...leading, ...known.shape], data: known.data });
  });
}

function isOneNumber({ shape }: Value): boolean {
  return shape.every((size) => size === 1);
}
