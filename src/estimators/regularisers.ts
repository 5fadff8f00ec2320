// Terms that a search may add to its loss: functions of the alphas alone, with their gradients. Off by default; none of
// them is in the paper.
//
//   entropy      mean over groups of H(p) = -sum_k p_k log p_k, in nats
//   cost         sum_k cost_k P(b_k = 1), what a sampled code costs on average (multiply-adds, parameters)
//   operations   the same with cost 1 for every operation: how many operations a code has on average
//
// A code of M samples holds entry k with P(b_k = 1) = 1 - (1 - p_k)^M (`closed-forms.ts`), and a cost that is a sum over
// the operations has exactly that expectation: no sampling, no approximation. Methods of one hard sample have M = 1, and
// so has the softmax, whose "expected" cost is that of the operations weighted by p.
//
//   dP_k / dlog p_k = M p_k (1 - p_k)^(M-1)        dH / dlog p_k = -p_k (1 + log p_k)
//
// The number of operations is the sparsity term rather than sum_k p_k^2, because it is what sparse means of a genotype: a
// search with M = 4 that lowers it derives smaller nodes. `none` counts nothing, so that with M = 1 the term is the
// probability of not being `none`; in a space without `none` it is constant there, and the entropy is the term to use.
import { GenonnxError } from '../errors.js';
import { type CellSpace, entryCount } from '../spaces/search-space.js';
import { inclusionProbability } from './closed-forms.js';
import type { Alphas } from './estimator.js';
import { entryGroups, operationMask } from './groups.js';
import { distributionOf } from './parameterisation.js';
import type { DistributionOptions } from './probabilities.js';
import { requireEntries, requireSamples } from './requirements.js';

/** A function of the alphas of one cell type. */
export interface Term {
  readonly value: number;
  /** dvalue/dalphas, f64[entries]. */
  readonly gradient: Float64Array;
}

/** Which distribution the codes have. */
export interface CodeDistribution extends DistributionOptions {
  /** M; 1 for methods of one sample and for the softmax. */
  readonly samples: number;
}

/** Mean entropy of the groups, in nats: added to a loss it makes the search decide. @throws `shape`, `diverged`. */
export function meanEntropy(alphas: Float64Array, space: CellSpace, options: DistributionOptions): Term {
  const groups = entryGroups(space, options.scope).length;
  return overGroups(alphas, space, options, (p, logP) =>
    p === 0 ? [0, 0] : [(-p * logP) / groups, (-p * (1 + logP)) / groups],
  );
}

/** Expected number of operations of a cell's code. @throws `shape`, `usage`, `diverged`. */
export function expectedOperations(
  alphas: Float64Array,
  space: CellSpace,
  distribution: CodeDistribution,
): Term {
  return expectedCost(alphas, space, distribution, Float64Array.from(operationMask(space)));
}

/**
 * Expected sum of `costs` (f64[entries], in whatever unit; that of `none` is ordinarily 0) over the entries of a cell's
 * code. @throws `shape`, `usage`, `diverged`.
 */
export function expectedCost(
  alphas: Float64Array,
  space: CellSpace,
  distribution: CodeDistribution,
  costs: Float64Array,
): Term {
  const { samples } = distribution;
  requireSamples(samples);
  requireEntries(costs, space, 'costs');
  return overGroups(alphas, space, distribution, (p, _, entry) => {
    const cost = costs[entry]!;
    return [cost * inclusionProbability(p, samples), cost * samples * p * (1 - p) ** (samples - 1)];
  });
}

/** What a network costs under a code, and what it may. */
export interface Budget {
  /** Of each entry, summed over all cells of the type, f64[entries]. */
  readonly costs: Alphas;
  /** Of what every child has: stem, preprocessing, classifier. */
  readonly fixed: number;
  /** The cost up to which there is no penalty, in the same unit; positive. */
  readonly budget: number;
}

export interface BudgetPenalty {
  /** (max(0, expected / budget - 1))^2 */
  readonly value: number;
  readonly gradient: Alphas;
  /** Expected cost of the sampled children. */
  readonly expected: number;
}

/**
 * The penalty of a network's expected cost beyond a budget: the square of the excess as a share of the budget, so that it
 * has a slope everywhere, none below the budget, and the same weight serves multiply-adds and parameters.
 * @throws `usage` for a budget that is not positive; `shape`, `usage`, `diverged` as `expectedCost`.
 */
export function budgetPenalty(
  alphas: Alphas,
  space: CellSpace,
  distribution: CodeDistribution,
  { costs, fixed, budget }: Budget,
): BudgetPenalty {
  if (!(budget > 0)) {
    throw new GenonnxError('usage', 'The budget is out of range.', {
      expected: 'a positive number',
      found: `${budget}`,
      cure: 'Give it in the unit of the costs.',
    });
  }
  const normal = expectedCost(alphas.normal, space, distribution, costs.normal);
  const reduce = expectedCost(alphas.reduce, space, distribution, costs.reduce);
  const expected = fixed + normal.value + reduce.value;
  const excess = Math.max(0, expected / budget - 1);
  const scaled = ({ gradient }: Term) => gradient.map((g) => (2 * excess * g) / budget);
  return {
    value: excess ** 2,
    gradient: { normal: scaled(normal), reduce: scaled(reduce) },
    expected,
  };
}

/** Sums `of(p, log p, entry)`, which gives a term and its derivative by log p, over all entries, and pulls back. */
function overGroups(
  alphas: Float64Array,
  space: CellSpace,
  { scope, parameterisation }: DistributionOptions,
  of: (p: number, logP: number, entry: number) => readonly [value: number, byLogP: number],
): Term {
  requireEntries(alphas, space, 'alphas');
  const gradient = new Float64Array(entryCount(space));
  let value = 0;
  for (const { start, end } of entryGroups(space, scope)) {
    const distribution = distributionOf(alphas.subarray(start, end), parameterisation);
    const byLogP = distribution.logProbabilities.map((logP, k) => {
      const [term, derivative] = of(Math.exp(logP), logP, start + k);
      value += term;
      return derivative;
    });
    gradient.set(distribution.pullback(byLogP), start);
  }
  return { value, gradient };
}
