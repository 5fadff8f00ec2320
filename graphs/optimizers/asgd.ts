// Averaged stochastic gradient descent, as PyTorch's torch.optim.ASGD with t0 = 0 and lambd = 0. With d the clipped gradient and
// the decay (`direction.ts`), and n the steps before this one:
//
//   theta' = theta - eta d                       eta = lr of the step before, in the first step its own
//   a'     = a + mu (theta' - a)                 mu  = 1 / max(1, n)
//
// Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992. As there, a rate acts one step late, and
// mu is 1 in the second step, too: the average forgets the first one, and after step n is the mean of what steps 2 to n left.
//
// eta, n and a are zero before the first step. With f = relu(1 - n), which is 1 in the first step and 0 in all others,
//
//   eta = eta_kept + f lr            max(1, n) = n + f ,
//
// without rounding. Where mu is 1, a is zero or the theta that theta' was subtracted from, so that a + (theta' - a) is theta',
// but for half a unit in the last place where theta' is a power of two. n is exact in float32 up to 2^24, and stays there: a run
// of more steps would average over the last 2^24, the older ones fading.
import { type DirectionOptions, decayedGradient } from './direction.js';
import type { Optimizer } from './optimizer.js';

export type AsgdOptions = DirectionOptions;

export type AsgdSlot = 'average' | 'eta' | 'steps';

/** Reports `gradientNorm`, f32[], before clipping. */
export function asgd(options: AsgdOptions): Optimizer<AsgdSlot> {
  return {
    name: 'asgd',
    slots: { average: 'parameters', eta: 1, steps: 1 },
    evaluates: 'average',
    update(g, { parameters, gradient, learningRate, slots }) {
      const { direction, norm } = decayedGradient(g, { parameters, gradient }, options);
      const { average, steps } = slots;
      const one = g.scalar(1);
      const isFirst = g.relu(g.sub(one, steps));
      const eta = g.add(slots.eta, g.mul(isFirst, learningRate));
      const mu = g.div(one, g.add(steps, isFirst));
      const moved = g.sub(parameters, g.mul(direction, eta));
      return {
        parameters: moved,
        slots: {
          average: g.add(average, g.mul(g.sub(moved, average), mu)),
          eta: learningRate,
          steps: g.add(steps, one),
        },
        reports: [{ name: 'gradientNorm', value: norm }],
      };
    },
  };
}
