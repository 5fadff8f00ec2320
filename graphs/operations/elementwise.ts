// Elementwise operations. Binary ones broadcast as NumPy does; the driver of `differentiate.ts` undoes that.
import type { TensorType } from '../ir.js';
import { broadcast, requireSame } from '../shapes.js';
import { type Expansion, input, type OperationRule, type VjpRule } from './rule.js';

type Unary = 'relu' | 'neg' | 'sqrt' | 'sigmoid' | 'tanh' | 'reciprocal' | 'not';
type Binary = 'add' | 'sub' | 'mul' | 'div' | 'minimum' | 'and';

function unary<K extends Unary>(_op: K): OperationRule<K> {
  return { infer: (inputs) => [typeOf(input(inputs, 0))] };
}

function binary<K extends Binary>(op: K): OperationRule<K> {
  return {
    infer: (inputs) => {
      const a = input(inputs, 0);
      return [{ shape: broadcast(a.shape, input(inputs, 1).shape, op), dtype: a.dtype }];
    },
  };
}

function typeOf({ shape, dtype }: TensorType): TensorType {
  return { shape, dtype };
}

/** max(x, 0). */
export const relu = unary('relu');
export const neg = unary('neg');
export const sqrt = unary('sqrt');
/** 1 / (1 + exp(-x)). */
export const sigmoid = unary('sigmoid');
export const tanh = unary('tanh');
export const reciprocal = unary('reciprocal');
export const not = unary('not');
export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const minimum = binary('minimum');
export const and = binary('and');

/** (dy, y) -> dy where y > 0, else 0. The gradient at 0 is 0, as PyTorch's. */
export const reluGrad: OperationRule<'reluGrad'> = {
  infer(inputs) {
    requireSame(input(inputs, 0).shape, input(inputs, 1).shape, 'reluGrad');
    return [typeOf(input(inputs, 0))];
  },
};

/** Any number of equally shaped terms -> their sum. Terms from closed regions cost nothing. */
export const sum: OperationRule<'sum'> = {
  infer(inputs) {
    const first = input(inputs, 0);
    for (const term of inputs) requireSame(first.shape, term.shape, 'sum');
    return [typeOf(first)];
  },
};

/** The value itself; gradients stop here. */
export const detach: OperationRule<'detach'> = {
  infer: (inputs) => [typeOf(input(inputs, 0))],
  stops: () => true,
};

type Elementwise =
  | 'relu'
  | 'neg'
  | 'sqrt'
  | 'sigmoid'
  | 'tanh'
  | 'reciprocal'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sum';

export const elementwiseVjps: { readonly [K in Elementwise]: VjpRule<K> } = {
  relu: (node, { g, cotangents: [dy] }) => {
    const [y] = node.outputs;
    return dy && y ? [g.one('reluGrad', [dy, y], {})] : [];
  },
  neg: (_node, { g, cotangents: [dy] }) => (dy ? [g.neg(dy)] : []),
  // d sqrt(x) = dy / (2 sqrt(x))
  sqrt: (node, { g, cotangents: [dy] }) => {
    const [y] = node.outputs;
    return dy && y ? [g.div(dy, g.mul(y, g.scalar(2)))] : [];
  },
  // d sigmoid(x) = dy (y - y^2)
  sigmoid: (node, { g, cotangents: [dy] }) => {
    const [y] = node.outputs;
    return dy && y ? [g.mul(dy, g.sub(y, g.mul(y, y)))] : [];
  },
  // d tanh(x) = dy - dy y^2
  tanh: (node, { g, cotangents: [dy] }) => {
    const [y] = node.outputs;
    return dy && y ? [g.sub(dy, g.mul(dy, g.mul(y, y)))] : [];
  },
  // d (1/x) = -dy / x^2
  reciprocal: (node, { g, cotangents: [dy] }) => {
    const [y] = node.outputs;
    return dy && y ? [g.neg(g.mul(dy, g.mul(y, y)))] : [];
  },
  add: (_node, { cotangents: [dy] }) => [dy, dy],
  sub: (_node, { g, cotangents: [dy], wanted }) => (dy ? [dy, wanted[1] ? g.neg(dy) : undefined] : []),
  mul: (node, { g, cotangents: [dy], wanted }) => {
    const [a, b] = node.inputs;
    if (!dy || !a || !b) return [];
    return [wanted[0] ? g.mul(dy, b) : undefined, wanted[1] ? g.mul(dy, a) : undefined];
  },
  // d (a/b): da = dy / b, db = -dy y / b
  div: (node, { g, cotangents: [dy], wanted }) => {
    const [, b] = node.inputs;
    const [y] = node.outputs;
    if (!dy || !b || !y) return [];
    return [wanted[0] ? g.div(dy, b) : undefined, wanted[1] ? g.neg(g.div(g.mul(dy, y), b)) : undefined];
  },
  sum: (node, { cotangents: [dy] }) => node.inputs.map(() => dy),
};

/** -1 x, exact. */
export const negExpansion: Expansion<'neg'> = (g, { inputs }) => [g.mul(input(inputs, 0), g.scalar(-1))];
