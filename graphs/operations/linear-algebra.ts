// Matrix product and reduction.
//
//   y = A B with A = a or a^T, B = b or b^T      dA = D B^T      dB = A^T D
import { factorsOf, requireRank, shapeError, shapeText, times } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (a f32[M,K] (or f32[K,M] transposed), b f32[K,N] (or f32[N,K])) -> f32[M,N]. */
export const matMul: OperationRule<'matMul'> = {
  infer(inputs, { transposeA, transposeB }) {
    const a = input(inputs, 0);
    const b = input(inputs, 1);
    requireRank(a, 2, 'matMul');
    requireRank(b, 2, 'matMul');
    const [rows, inner] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
    const [innerB, columns] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
    if (inner !== innerB) throw shapeError('matMul', `an inner extent of ${inner}`, shapeText(b.shape));
    return [float32([rows ?? 1, columns ?? 1])];
  },
  macs(node) {
    const rows = node.outputs[0]?.shape[0] ?? 1;
    return factorsOf(rows).known * factorsOf(times(...(node.inputs[1]?.shape ?? []))).known;
  },
};

/** Sum over axes, which are dropped or kept as extents of 1. */
export const reduceSum: OperationRule<'reduceSum'> = {
  infer(inputs, { axes, keepDims }) {
    const { shape, dtype } = input(inputs, 0);
    const reduced = keepDims
      ? shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension))
      : shape.filter((_, axis) => !axes.includes(axis));
    return [{ shape: reduced, dtype }];
  },
};

export const matMulVjp: VjpRule<'matMul'> = (node, { g, cotangents: [dy], wanted }) => {
  const [a, b] = node.inputs;
  if (!a || !b || !dy) return [];
  const { transposeA, transposeB } = node.attributes;
  const da = () => (transposeA ? g.matMul(b, dy, transposeB, true) : g.matMul(dy, b, false, !transposeB));
  const db = () => (transposeB ? g.matMul(dy, a, true, transposeA) : g.matMul(a, dy, !transposeA, false));
  return [wanted[0] ? da() : undefined, wanted[1] ? db() : undefined];
};

export const reduceSumVjp: VjpRule<'reduceSum'> = (node, { g, cotangents: [dy] }) => {
  const shape = node.inputs[0]?.shape;
  if (!shape || !dy) return [];
  const { axes } = node.attributes;
  const kept = shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
  return [g.expand(g.reshape(dy, kept), shape)];
};
