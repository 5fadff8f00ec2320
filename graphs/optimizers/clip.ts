// Gradients of a limited norm, as PyTorch's clip_grad_norm_ makes them:
//
//   s = min(1, clip / (|g| + 1e-6))        g' = s g
import type { Builder } from '../builder.js';
import type { Value } from '../ir.js';

export interface Clipped {
  /** f32[P]. */
  readonly gradient: Value;
  /** f32[], before clipping. */
  readonly norm: Value;
}

/** The whole flat gradient has a norm of at most `clipNorm`; it stays as it is when that is absent. */
export function clipByNorm(g: Builder, gradient: Value, clipNorm: number | undefined): Clipped {
  const norm = g.sqrt(g.reduceSum(g.mul(gradient, gradient), [0]));
  return { gradient: clipNorm === undefined ? gradient : g.mul(gradient, factor(g, norm, clipNorm)), norm };
}

function factor(g: Builder, norm: Value, clipNorm: number): Value {
  const ratio = g.div(g.scalar(clipNorm), g.add(norm, g.scalar(1e-6)));
  return g.one('minimum', [ratio, g.scalar(1)], {});
}
