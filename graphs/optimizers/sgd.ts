// Stochastic gradient descent, as PyTorch's torch.optim.SGD. With d the clipped gradient and the decay (`direction.ts`):
//
//   v' = momentum v + d            theta' = theta - lr v'
//
// Without momentum v' is d, and nothing is remembered.
//
// Deviation: decay and momentum move every weight, also those whose operation did not run and whose gradient is therefore zero.
import { decayedGradient } from './direction.js';
import type { Descent, Optimizer } from './optimizer.js';

export type SgdOptions = Descent;

/** Reports `gradientNorm`, f32[], before clipping. */
export function sgd({
  momentum,
  weightDecay,
  clipNorm,
}: SgdOptions): Optimizer<'velocity'> | Optimizer<never> {
  const descent = { momentum, weightDecay, ...(clipNorm === undefined ? {} : { clipNorm }) };
  return momentum === 0 ? plain(descent) : withVelocity(descent);
}

function plain(descent: Descent): Optimizer<never> {
  return {
    name: 'sgd',
    slots: {},
    descent,
    update(g, { parameters, gradient, learningRate }) {
      const { direction, norm } = decayedGradient(g, { parameters, gradient }, descent);
      return {
        parameters: g.sub(parameters, g.mul(direction, learningRate)),
        slots: {},
        reports: [{ name: 'gradientNorm', value: norm }],
      };
    },
  };
}

function withVelocity(descent: Descent): Optimizer<'velocity'> {
  return {
    name: 'sgd',
    slots: { velocity: 'parameters' },
    descent,
    update(g, { parameters, gradient, learningRate, slots }) {
      const { direction, norm } = decayedGradient(g, { parameters, gradient }, descent);
      const velocity = g.add(g.mul(slots.velocity, g.scalar(descent.momentum)), direction);
      return {
        parameters: g.sub(parameters, g.mul(velocity, learningRate)),
        slots: { velocity },
        reports: [{ name: 'gradientNorm', value: norm }],
      };
    },
  };
}
