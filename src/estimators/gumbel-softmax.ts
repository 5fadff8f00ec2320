// One draw of the Gumbel-Softmax estimator (Sec. 3.1): a category, and the soft vector that stands in for it backward.
//
//   u_k = (log p_k + G_k) / tau      y = softmax(u)  (Eq. 8)      L = argmax_k u_k  (Eq. 7)
//
//   dL/dlog p_k = (1 / tau) y_k (v_k - sum_j y_j v_j),    v = dL/dy
//
// An entry with log p_k = -Infinity has u_k = -Infinity and y_k = 0: it is never drawn and has no gradient.
import type { RandomStream } from '../random.js';

export interface GumbelSoftmaxDraw {
  /** L of Eq. 7; the first of equal maxima. */
  readonly category: number;
  /** y of Eq. 8, f64[K]. */
  readonly soft: Float64Array;
  /** dL/dlog p of v = dL/dy, both f64[K]. */
  pullback(gradient: Float64Array): Float64Array;
}

/** Draws K Gumbels, for every entry one, so that a stream's position never depends on the probabilities. */
export function drawGumbelSoftmax(
  logProbabilities: Float64Array,
  stream: RandomStream,
  temperature: number,
): GumbelSoftmaxDraw {
  const scores = logProbabilities.map((logP) => (logP + stream.gumbel()) / temperature);
  let category = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k]! > scores[category]!) category = k;
  const largest = scores[category]!;
  const soft = scores.map((u) => Math.exp(u - largest));
  const mass = soft.reduce((a, b) => a + b, 0);
  for (let k = 0; k < soft.length; k++) soft[k]! /= mass;
  return {
    category,
    soft,
    pullback(gradient) {
      let mean = 0;
      for (let k = 0; k < soft.length; k++) mean += soft[k]! * gradient[k]!;
      return soft.map((y, k) => (y * (gradient[k]! - mean)) / temperature);
    },
  };
}
