// An optimizer that is none of the package's: it follows the sign of a running mean of the gradient.
//
//   m' = beta m + (1 - beta) g          x' = x - lr m' / (|m'| + eps)
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';

export function signDescent(beta: number): Optimizer<'drift'> {
  return {
    name: 'sign-descent',
    slots: { drift: 'parameters' },
    update(g, { parameters, gradient, learningRate, slots }) {
      const drift = g.add(g.mul(slots.drift, g.scalar(beta)), g.mul(gradient, g.scalar(1 - beta)));
      const extent = g.sqrt(g.add(g.mul(drift, drift), g.scalar(1e-12)));
      const moved = g.mul(g.div(drift, extent), learningRate);
      return { parameters: g.sub(parameters, moved), slots: { drift }, reports: [] };
    },
  };
}
