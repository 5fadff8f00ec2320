// Ensemble Gumbel-Softmax (Sec. 3.2, Def. 1): a binary code as the maximum of M one-hot Gumbel-Softmax samples.
//
// For each group of entries (an edge, or all edges into a node), with K entries:
//
//   p = parameterisation(alpha)                                   parameterisation.ts
//   y(i) = softmax((log p + G(i)) / tau),  i = 1..M               Eq. 8, gumbel-softmax.ts
//   z(i) = onehot(argmax y(i))                                    Eq. 7
//   b_k  = max_i z_k(i)                                           Def. 1
//   c    = b, or b / s with s = sum_k b_k                         `normalise`: none (Eq. 4), or sum (the released code)
//
// Backward, g = dL/dc, one line of the above after the other:
//
//   c -> b    none: h_k = g_k.   sum: c_k = b_k / s, so dc_j/db_k = (delta_jk - c_j) / s and
//             h_k = (g_k - sum_j g_j c_j) / s, for every k of the group, in the code or not.
//   b -> z    The maximum passes h_k to a sample that attains it: w(i)_k = h_k [i = first(k)], where first(k) is the first
//             sample with z_k(i) = b_k. Where b_k = 0 all M samples attain it, and the first of all gets h_k.
//   z -> y    Straight through: dL/dy(i) = w(i).
//   y -> p    dL/dlog p = sum_i (1/tau) y(i) * (w(i) - <y(i), w(i)>).
//   p -> a    The parameterisation's own pullback.
//
// What g is: dL/dc_k = <dL/d(edge output), o_k(x)> for an operation that ran; exactly 0 for `none`, whose output is zero.
// Route `all` runs every operation forward, so that every g_k is known: the exact straight-through gradient. Route
// `active` runs only the operations of the code and takes the other g_k as 0.
import { entryCount, type SearchSpace } from '../spaces/search-space.js';
import type { Estimator, Parameterisation, Scope } from './estimator.js';
import { knownGradient, openOperations } from './gates.js';
import { entryGroups, operationMask } from './groups.js';
import { drawGumbelSoftmax, type GumbelSoftmaxDraw } from './gumbel-softmax.js';
import { distributionOf, type GroupDistribution } from './parameterisation.js';
import { requireEntries, requireSamples, requireTemperature } from './requirements.js';

/** Of the Ensemble Gumbel-Softmax. */
export interface EgsOptions {
  /** M, the number of hard samples a group. */
  readonly samples: number;
  /** Default `node`. */
  readonly scope?: Scope;
  /** Default `softmax`. */
  readonly parameterisation?: Parameterisation;
  /** Which operations run forward: `all`, for the exact gradient (default), or the `active` ones of the code. */
  readonly route?: 'all' | 'active';
  /** Whether a group's code is divided by its sum. Default `none`. */
  readonly normalise?: 'none' | 'sum';
}

/** The EGS estimator over `space`. @throws `usage` for an M out of range; its `sample` `shape`, `usage`, `diverged`. */
export function ensembleGumbelSoftmax(space: SearchSpace, options: EgsOptions): Estimator {
  const {
    samples,
    scope = 'node',
    parameterisation = 'softmax',
    route = 'all',
    normalise = 'none',
  } = options;
  requireSamples(samples);
  const groups = entryGroups(space, scope);
  const operations = operationMask(space);

  return {
    sample(alphas, stream, temperature) {
      requireEntries(alphas, space, 'alphas');
      requireTemperature(temperature);
      const code = new Float64Array(entryCount(space));
      const drawn = groups.map((group) => {
        const distribution = distributionOf(alphas.subarray(group.start, group.end), parameterisation);
        const draws = Array.from({ length: samples }, () =>
          drawGumbelSoftmax(distribution.logProbabilities, stream, temperature),
        );
        const groupCode = code.subarray(group.start, group.end);
        for (const { category } of draws) groupCode[category] = 1;
        const scale = normalise === 'sum' ? 1 / groupCode.reduce((a, b) => a + b, 0) : 1;
        for (let k = 0; k < groupCode.length; k++) groupCode[k]! *= scale;
        return { group, distribution, draws };
      });
      const backwardGates = openOperations(code, operations);
      const forwardGates = route === 'all' ? operations.slice() : backwardGates.slice();

      return {
        code,
        forwardGates,
        backwardGates,
        pullback(codeGradient) {
          requireEntries(codeGradient, space, 'code gradients');
          const known = knownGradient(codeGradient, forwardGates);
          const gradient = new Float64Array(known.length);
          for (const { group, distribution, draws } of drawn) {
            const { start, end } = group;
            const g = known.subarray(start, end);
            const h = normalise === 'sum' ? throughSum(g, code.subarray(start, end)) : g;
            gradient.set(throughDraws(h, distribution, draws), start);
          }
          return gradient;
        },
      };
    },
  };
}

/** c -> b of `c = b / sum(b)`. A code's entries are equal where they are not zero, so that s = 1 / max(c). */
function throughSum(g: Float64Array, c: Float64Array): Float64Array {
  const scale = Math.max(...c);
  const mean = g.reduce((sum, value, k) => sum + value * c[k]!, 0);
  return g.map((value) => (value - mean) * scale);
}

/** b -> z -> y -> p -> alpha. */
function throughDraws(
  h: Float64Array,
  distribution: GroupDistribution,
  draws: readonly GumbelSoftmaxDraw[],
): Float64Array {
  const first = new Int32Array(h.length);
  for (let i = draws.length - 1; i >= 0; i--) first[draws[i]!.category] = i;
  const gradient = new Float64Array(h.length);
  draws.forEach((draw, i) => {
    const part = draw.pullback(h.map((value, k) => (first[k] === i ? value : 0)));
    for (let k = 0; k < gradient.length; k++) gradient[k]! += part[k]!;
  });
  return distribution.pullback(gradient);
}
