// Rows by their indices: words from a table, states from a stack of them. The derivative adds each row's cotangent where the
// row came from, once for each time that it was taken.
import { fixed, requireRank } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (x f32[N, ...], indices i64[M]) -> f32[M, ...]: x[indices]. */
export const gather: OperationRule<'gather'> = {
  infer(inputs) {
    const [, ...row] = input(inputs, 0).shape;
    requireRank(input(inputs, 1), 1, 'gather');
    return [float32([input(inputs, 1).shape[0] ?? 1, ...row])];
  },
};

/** (dy f32[M, ...], indices i64[M]) -> f32[rows, ...]: the sum of the rows of dy of each index. */
export const gatherGrad: OperationRule<'gatherGrad'> = {
  infer(inputs, { rows }) {
    const [, ...row] = input(inputs, 0).shape;
    requireRank(input(inputs, 1), 1, 'gatherGrad');
    return [float32([rows, ...row])];
  },
};

export const gatherVjp: VjpRule<'gather'> = (node, { g, cotangents: [dy], wanted }) => {
  const [x, indices] = node.inputs;
  if (!x || !indices || !dy || !wanted[0]) return [];
  return [g.one('gatherGrad', [dy, indices], { rows: fixed(x.shape[0], node.path) })];
};
