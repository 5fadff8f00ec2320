// Stochastic gradient descent on the flat parameter vector, as more graph.
//
//   s  = min(1, clip / (|g| + 1e-6))                 (PyTorch's clip_grad_norm_, before the decay)
//   d  = s g + decay theta
//   v' = momentum v + d            theta' = theta - lr v'
//
// Decay and momentum move every weight, also those whose operation did not run and whose gradient is therefore zero.
import type { Builder } from '../builder.js';
import type { Value } from '../ir.js';

export interface SgdInputs {
  /** f32[P]. */
  readonly theta: Value;
  readonly velocity: Value;
  readonly gradient: Value;
  /** f32[1]. */
  readonly learningRate: Value;
}

export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Largest norm of the gradient; no clipping when absent. */
  readonly clipNorm?: number;
}

export interface SgdStep {
  readonly theta: Value;
  readonly velocity: Value;
  /** f32[], before clipping. */
  readonly gradientNorm: Value;
}

export function sgd(g: Builder, inputs: SgdInputs, { momentum, weightDecay, clipNorm }: SgdOptions): SgdStep {
  const { theta, velocity, gradient, learningRate } = inputs;
  const gradientNorm = g.sqrt(g.reduceSum(g.mul(gradient, gradient), [0]));
  const scaled = clipNorm === undefined ? gradient : g.mul(gradient, clipFactor(g, gradientNorm, clipNorm));
  const direction = g.add(scaled, g.mul(theta, g.scalar(weightDecay)));
  const moved = g.add(g.mul(velocity, g.scalar(momentum)), direction);
  return { theta: g.sub(theta, g.mul(moved, learningRate)), velocity: moved, gradientNorm };
}

function clipFactor(g: Builder, norm: Value, clipNorm: number): Value {
  const ratio = g.div(g.scalar(clipNorm), g.add(norm, g.scalar(1e-6)));
  return g.one('minimum', [ratio, g.scalar(1)], {});
}
