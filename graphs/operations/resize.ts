// Bilinear interpolation of a map to another extent. Along an axis of `in` pixels, pixel o of `out` lies at
//
//   align-corners   at = o (in - 1) / (out - 1), 0 where out = 1
//   half-pixel      at = max((o + 0.5) in / out - 0.5, 0)
//
// between the pixels i = min(floor(at), in - 1) and min(i + 1, in - 1), whose shares are 1 - f and f with f = at - i. That is
// a matrix A f[out, in] along each axis, of which a row has two entries:
//
//   y = A_h x A_w^T      dx = A_h^T dy A_w
import type { Alignment } from '../ir.js';
import { fixed, requireRank, shapeError } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/** A pixel of the result: the two that it lies between, and the share of the second one. */
export interface Interpolated {
  readonly before: number;
  readonly after: number;
  readonly share: number;
}

/** Each pixel of the result along an axis. */
export function interpolation(from: number, to: number, alignment: Alignment): Interpolated[] {
  return Array.from({ length: to }, (_, o) => {
    const at = alignment === 'half-pixel' ? Math.max(((o + 0.5) * from) / to - 0.5, 0) : aligned(o, from, to);
    const before = Math.min(Math.floor(at), from - 1);
    return { before, after: Math.min(before + 1, from - 1), share: at - before };
  });
}

function aligned(o: number, from: number, to: number): number {
  return to === 1 ? 0 : (o * (from - 1)) / (to - 1);
}

/** The matrix of an axis, row by row: f64[to, from]. */
export function resizeMatrix(from: number, to: number, alignment: Alignment): Float64Array {
  const matrix = new Float64Array(to * from);
  interpolation(from, to, alignment).forEach(({ before, after, share }, row) => {
    matrix[row * from + before] = 1 - share;
    matrix[row * from + after] = (matrix[row * from + after] ?? 0) + share;
  });
  return matrix;
}

/** x f32[N,C,H,W] -> f32[N,C,...extent]. */
export const resize: OperationRule<'resize'> = {
  infer(inputs, { extent }) {
    const x = input(inputs, 0);
    requireRank(x, 4, 'resize');
    for (const size of [...extent, fixed(x.shape[2], 'resize'), fixed(x.shape[3], 'resize')]) {
      if (!Number.isInteger(size) || size < 1)
        throw shapeError('resize', 'extents of at least one pixel', String(size));
    }
    return [float32([...x.shape.slice(0, 2), ...extent])];
  },
};

/** dy f32[N,C,P,Q] -> dx f32[N,C,H,W]. */
export const resizeGrad: OperationRule<'resizeGrad'> = {
  infer: (inputs, { inputExtent }) => [float32([...input(inputs, 0).shape.slice(0, 2), ...inputExtent])],
};

export const resizeVjp: VjpRule<'resize'> = (node, { g, cotangents: [dy] }) => {
  const shape = node.inputs[0]?.shape;
  if (shape === undefined || dy === undefined) return [];
  const inputExtent = [fixed(shape[2], node.path), fixed(shape[3], node.path)] as const;
  return [g.one('resizeGrad', [dy], { inputExtent, alignment: node.attributes.alignment })];
};
