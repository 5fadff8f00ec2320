// Adam, as PyTorch's torch.optim.Adam: weight decay is L2, added to the gradient. With d that sum (`direction.ts`):
//
//   m' = beta1 m + (1 - beta1) d              v' = beta2 v + (1 - beta2) d^2
//   theta' = theta - lr / (1 - beta1^t)  m' / (sqrt(v') / sqrt(1 - beta2^t) + eps)
//
// Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, Alg. 1. The corrections c = 1 - beta^t are averages too,
//
//   c' = beta c + (1 - beta),       c = 0 before the first step,
//
// and are kept as such: taken from a count of steps in float32, 1 - 0.999^t would be right to five digits at t = 1.
import type { Value } from '../ir.js';
import { type DirectionOptions, decayedGradient } from './direction.js';
import type { Optimizer } from './optimizer.js';

export interface AdamOptions extends DirectionOptions {
  /** Decay of the first and the second moment. */
  readonly beta1: number;
  readonly beta2: number;
  /** 1e-8 when absent. */
  readonly epsilon?: number;
}

export type AdamSlot = 'firstMoment' | 'secondMoment' | 'firstCorrection' | 'secondCorrection';

/** Reports `gradientNorm`, f32[], before clipping. */
export function adam(options: AdamOptions): Optimizer<AdamSlot> {
  const { beta1, beta2, epsilon = 1e-8 } = options;
  return {
    name: 'adam',
    slots: { firstMoment: 'parameters', secondMoment: 'parameters', firstCorrection: 1, secondCorrection: 1 },
    update(g, { parameters, gradient, learningRate, slots }) {
      const average = (old: Value, beta: number, value: Value): Value =>
        g.add(g.mul(old, g.scalar(beta)), g.mul(value, g.scalar(1 - beta)));
      const { direction, norm } = decayedGradient(g, { parameters, gradient }, options);
      const firstMoment = average(slots.firstMoment, beta1, direction);
      const secondMoment = average(slots.secondMoment, beta2, g.mul(direction, direction));
      const firstCorrection = average(slots.firstCorrection, beta1, g.scalar(1));
      const secondCorrection = average(slots.secondCorrection, beta2, g.scalar(1));
      const deviation = g.div(g.sqrt(secondMoment), g.sqrt(secondCorrection));
      const move = g.div(firstMoment, g.add(deviation, g.scalar(epsilon)));
      return {
        parameters: g.sub(parameters, g.mul(move, g.div(learningRate, firstCorrection))),
        slots: { firstMoment, secondMoment, firstCorrection, secondCorrection },
        reports: [{ name: 'gradientNorm', value: norm }],
      };
    },
  };
}
