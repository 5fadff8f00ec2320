// Stochastic gradient descent with momentum, as PyTorch's torch.optim.SGD. With g' the clipped gradient (`clip.ts`):
//
//   d  = g' + decay theta
//   v' = momentum v + d            theta' = theta - lr v'
//
// Decay and momentum move every weight, also those whose operation did not run and whose gradient is therefore zero.
import { clipByNorm } from './clip.js';
import type { Optimizer } from './optimizer.js';

export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Largest norm of the gradient; no clipping when absent. */
  readonly clipNorm?: number;
}

/** Reports `gradientNorm`, f32[], before clipping. */
export function sgd({ momentum, weightDecay, clipNorm }: SgdOptions): Optimizer<'velocity'> {
  return {
    name: 'sgd',
    slots: { velocity: 'parameters' },
    update(g, { parameters, gradient, learningRate, slots }) {
      const clipped = clipByNorm(g, gradient, clipNorm);
      const direction = g.add(clipped.gradient, g.mul(parameters, g.scalar(weightDecay)));
      const velocity = g.add(g.mul(slots.velocity, g.scalar(momentum)), direction);
      return {
        parameters: g.sub(parameters, g.mul(velocity, learningRate)),
        slots: { velocity },
        reports: [{ name: 'gradientNorm', value: clipped.norm }],
      };
    },
  };
}
