// DARTS: the probabilities themselves are the code. Liu, Simonyan and Yang, "DARTS: Differentiable Architecture Search",
// ICLR 2019 (Eq. 2). For each edge
//
//   code = p = softmax(alpha)        dL/dlog p_k = p_k g_k,    g = dL/dcode
//
// There is no noise and no temperature: nothing is drawn from the stream, and tau is not read. Every operation runs and
// learns; `none` takes its share of the weights and computes nothing, so that its g is 0. The second-order method has the
// same code and pullback; what it adds is in `unrolled.ts`.
import { entryCount, type SearchSpace } from '../spaces/search-space.js';
import type { Estimator, Parameterisation } from './estimator.js';
import { knownGradient, openOperations } from './gates.js';
import { entryGroups, operationMask } from './groups.js';
import { distributionOf } from './parameterisation.js';
import { requireEntries } from './requirements.js';

/** The DARTS estimator over `space`. Its `sample` throws `shape`, `diverged`. */
export function softmaxRelaxation(
  space: SearchSpace,
  { parameterisation = 'softmax' }: { readonly parameterisation?: Parameterisation } = {},
): Estimator {
  const groups = entryGroups(space, 'edge');
  const operations = operationMask(space);

  return {
    sample(alphas) {
      requireEntries(alphas, space, 'alphas');
      const code = new Float64Array(entryCount(space));
      const distributions = groups.map(({ start, end }) => {
        const distribution = distributionOf(alphas.subarray(start, end), parameterisation);
        code.set(distribution.logProbabilities.map(Math.exp), start);
        return { start, end, distribution };
      });
      const gates = openOperations(code, operations);

      return {
        code,
        forwardGates: gates,
        backwardGates: gates.slice(),
        pullback(codeGradient) {
          requireEntries(codeGradient, space, 'code gradients');
          const logGradient = knownGradient(codeGradient, gates).map((g, entry) => g * code[entry]!);
          const gradient = new Float64Array(logGradient.length);
          for (const { start, end, distribution } of distributions) {
            gradient.set(distribution.pullback(logGradient.subarray(start, end)), start);
          }
          return gradient;
        },
      };
    },
  };
}
