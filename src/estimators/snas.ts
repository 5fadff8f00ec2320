// SNAS: the soft Gumbel-Softmax sample itself is the code. Xie, Zheng, Liu and Lin, "SNAS: Stochastic Neural Architecture
// Search", ICLR 2019. For each edge, with the noise G held fixed,
//
//   code = y = softmax((log p + G) / tau)        dL/dlog p_k = (1 / tau) y_k (g_k - sum_j g_j y_j),    g = dL/dcode
//
// which is differentiable, so that the gradient is exact. Every operation of weight other than 0 runs and learns; at low
// temperatures most weights are close to 0, but the work is the same. `none` takes its share of the weights and computes
// nothing, so that its g is 0.
import { entryCount, type SearchSpace } from '../spaces/search-space.js';
import type { Estimator, Parameterisation } from './estimator.js';
import { knownGradient, openOperations } from './gates.js';
import { entryGroups, operationMask } from './groups.js';
import { drawGumbelSoftmax } from './gumbel-softmax.js';
import { distributionOf } from './parameterisation.js';
import { requireEntries, requireTemperature } from './requirements.js';

/** The SNAS estimator over `space`. Its `sample` throws `shape`, `usage`, `diverged`. */
export function softGumbelSoftmax(
  space: SearchSpace,
  { parameterisation = 'softmax' }: { readonly parameterisation?: Parameterisation } = {},
): Estimator {
  const groups = entryGroups(space, 'edge');
  const operations = operationMask(space);

  return {
    sample(alphas, stream, temperature) {
      requireEntries(alphas, space, 'alphas');
      requireTemperature(temperature);
      const code = new Float64Array(entryCount(space));
      const drawn = groups.map(({ start, end }) => {
        const distribution = distributionOf(alphas.subarray(start, end), parameterisation);
        const draw = drawGumbelSoftmax(distribution.logProbabilities, stream, temperature);
        code.set(draw.soft, start);
        return { start, end, distribution, draw };
      });
      const gates = openOperations(code, operations);

      return {
        code,
        forwardGates: gates,
        backwardGates: gates.slice(),
        pullback(codeGradient) {
          requireEntries(codeGradient, space, 'code gradients');
          const known = knownGradient(codeGradient, gates);
          const gradient = new Float64Array(known.length);
          for (const { start, end, distribution, draw } of drawn) {
            gradient.set(distribution.pullback(draw.pullback(known.subarray(start, end))), start);
          }
          return gradient;
        },
      };
    },
  };
}
