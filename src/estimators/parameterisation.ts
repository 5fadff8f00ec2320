// From architecture parameters to the log-probabilities of one group, and back.
//
//   softmax:  log p_k = a_k - log sum_j exp a_j        dL/da_k = d_k - p_k sum_j d_j
//   relu:     r = max(a, 0),  log p_k = log r_k - log sum_j r_j
//                                                      dL/da_k = d_k / r_k - sum_j d_j / sum_j r_j   where r_k > 0, else 0
//
// with d = dL/d log p. In the relu form an entry may have probability zero: log p_k = -Infinity, it is never sampled, and
// its gradient is zero.
//
// Deviation: the released code adds 1e-10 inside the logarithm and 1e-7 to the sum. Here an r_k of at most 1e-10 counts as
// zero, and a group in which every entry does is uniform with zero gradient.
import { GenonnxError } from '../errors.js';
import type { Parameterisation } from './estimator.js';

const SMALLEST = 1e-10;

/** The distribution of one group. */
export interface GroupDistribution {
  /** f64[K], -Infinity where the probability is zero. */
  readonly logProbabilities: Float64Array;
  /** dL/dalphas of d = dL/d log p, both f64[K]. */
  pullback(gradient: Float64Array): Float64Array;
}

/** The distribution that `alphas` (f64[K], one group) parameterise. @throws `diverged` where one is not finite. */
export function distributionOf(alphas: Float64Array, parameterisation: Parameterisation): GroupDistribution {
  requireFinite(alphas);
  return parameterisation === 'softmax' ? softmaxOf(alphas) : reluOf(alphas);
}

function softmaxOf(alphas: Float64Array): GroupDistribution {
  const largest = alphas.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const logSum = largest + Math.log(sum(alphas.map((a) => Math.exp(a - largest))));
  const logProbabilities = alphas.map((a) => a - logSum);
  return {
    logProbabilities,
    pullback(gradient) {
      const total = sum(gradient);
      return gradient.map((d, k) => d - Math.exp(logProbabilities[k]!) * total);
    },
  };
}

function reluOf(alphas: Float64Array): GroupDistribution {
  const rectified = alphas.map((a) => (a > SMALLEST ? a : 0));
  const mass = sum(rectified);
  if (mass === 0) {
    return {
      logProbabilities: alphas.map(() => -Math.log(alphas.length)),
      pullback: (gradient) => new Float64Array(gradient.length),
    };
  }
  return {
    logProbabilities: rectified.map((r) => Math.log(r) - Math.log(mass)),
    pullback(gradient) {
      const total = sum(gradient);
      return gradient.map((d, k) => (rectified[k] === 0 ? 0 : d / rectified[k]! - total / mass));
    },
  };
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

function requireFinite(alphas: Float64Array): void {
  const at = alphas.findIndex((a) => !Number.isFinite(a));
  if (at < 0) return;
  throw new GenonnxError('diverged', 'An architecture parameter is not a finite number.', {
    expected: 'finite alphas',
    found: `${alphas[at]} at position ${at} of its group`,
    cure: 'Lower the learning rate of the alphas, or resume from an earlier checkpoint.',
  });
}
