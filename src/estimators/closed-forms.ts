// What is known of the Ensemble Gumbel-Softmax distribution without sampling: M independent categories are drawn from p,
// and the code is the set of those that occurred.
import { requireSamples } from './requirements.js';

/**
 * P(b_k = 1) = 1 - (1 - p_k)^M: not all of M draws miss k. Strictly increasing in p_k, which is Prop. 1.
 * Precise for small p.
 */
export function inclusionProbability(p: number, samples: number): number {
  return -Math.expm1(samples * Math.log1p(-p));
}

/**
 * P(code = exactly S) for a set S with probabilities `chosen`: the multinomial summed over the compositions of M in which
 * every member of S occurs,
 *
 *   sum_{n_k >= 1, sum n_k = M} M! / prod n_k! prod p_k^n_k  =  sum_{T subset of S} (-1)^{|S|-|T|} (sum_{k in T} p_k)^M .
 *
 * The right side cancels; the left is computed, member by member: with q_j(m) the probability that m given draws are
 * members 1..j, each at least once,  q_j(m) = sum_{n=1..m} C(m, n) p_j^n q_{j-1}(m - n),  q_0 = [m = 0]. All terms are
 * positive. O(|S| M^2).
 */
export function exactCodeProbability(chosen: readonly number[], samples: number): number {
  return prefixCodeProbabilities(chosen, samples).at(-1) ?? 0;
}

/**
 * P(code = exactly the first i of `ordered`), for i = 1..length: what `exactCodeProbability` says of each beginning, at
 * the price of the longest. @throws `usage` for an M out of range.
 */
export function prefixCodeProbabilities(ordered: readonly number[], samples: number): number[] {
  requireSamples(samples);
  const binomials = pascal(samples);
  let occupied = Float64Array.from({ length: samples + 1 }, (_, m) => (m === 0 ? 1 : 0));
  return ordered.map((p) => {
    const before = occupied;
    const powers = before.map((_, n) => p ** n);
    occupied = before.map((_, m) => {
      let total = 0;
      for (let n = 1; n <= m; n++) total += binomials[m]![n]! * powers[n]! * before[m - n]!;
      return total;
    });
    return occupied[samples]!;
  });
}

/**
 * Number of codes that M draws from K categories can give: those with 1 to M ones, sum_{m=1..min(M,K)} C(K, m).
 *
 * Deviation: Prop. 2 prints C(K, M) (2^M - 1), which counts a code with fewer than M ones once for every M-subset that
 * contains it (K = 3, M = 2: 9, while there are 6).
 */
export function codeCount(entries: number, samples: number): number {
  let count = 0;
  let choose = 1;
  for (let m = 1; m <= Math.min(entries, samples); m++) {
    choose = (choose * (entries - m + 1)) / m;
    count += choose;
  }
  return count;
}

/** C(m, n) for m up to `size`. */
function pascal(size: number): Float64Array[] {
  const rows: Float64Array[] = [Float64Array.of(1)];
  for (let m = 1; m <= size; m++) {
    const above = rows[m - 1]!;
    rows.push(Float64Array.from({ length: m + 1 }, (_, n) => (above[n - 1] ?? 0) + (above[n] ?? 0)));
  }
  return rows;
}
