// Terms that a search may add to its loss: functions of the alphas alone, with their gradients. Off by default; none of
// them is in the paper.
//
//   entropy      mean over the groups of a cell type of H(p) = -sum_k p_k log p_k, in nats, summed over the cell types
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
import { entryCount, type SearchSpace, sections } from '../spaces/search-space.js';
import { inclusionProbability } from './closed-forms.js';
import { type EntryGroup, operationMask, sectionGroups } from './groups.js';
import { distributionOf } from './parameterisation.js';
import type { DistributionOptions } from './probabilities.js';
import { requireEntries, requireSamples } from './requirements.js';

/** A function of the alphas of a whole space. */
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

/**
 * Mean entropy of the groups of each cell type, in nats, summed over the cell types: added to a loss it makes the search
 * decide. @throws `shape`, `diverged`.
 */
export function meanEntropy(alphas: Float64Array, space: SearchSpace, options: DistributionOptions): Term {
  return total(
    overGroups(alphas, space, options, (p, logP, _, groups) =>
      p === 0 ? [0, 0] : [(-p * logP) / groups.length, (-p * (1 + logP)) / groups.length],
    ),
  );
}

/** Expected number of operations of a code. @throws `shape`, `usage`, `diverged`. */
export function expectedOperations(
  alphas: Float64Array,
  space: SearchSpace,
  distribution: CodeDistribution,
): Term {
  return expectedCost(alphas, space, distribution, Float64Array.from(operationMask(space)));
}

/**
 * Expected sum of `costs` (f64[entries], in whatever unit; that of `none` is ordinarily 0) over the entries of a code.
 * @throws `shape`, `usage`, `diverged`.
 */
export function expectedCost(
  alphas: Float64Array,
  space: SearchSpace,
  distribution: CodeDistribution,
  costs: Float64Array,
): Term {
  return total(costTerms(alphas, space, distribution, costs));
}

/** What a network costs under a code, and what it may. */
export interface Budget {
  /** Of each entry, summed over all cells of its type, f64[entries]. */
  readonly costs: Float64Array;
  /** Of what every child has: stem, preprocessing, classifier. */
  readonly fixed: number;
  /** The cost up to which there is no penalty, in the same unit; positive. */
  readonly budget: number;
}

export interface BudgetPenalty {
  /** (max(0, expected / budget - 1))^2 */
  readonly value: number;
  /** f64[entries] */
  readonly gradient: Float64Array;
  /** Expected cost of the sampled children. */
  readonly expected: number;
}

/**
 * The penalty of a network's expected cost beyond a budget: the square of the excess as a share of the budget, so that it
 * has a slope everywhere, none below the budget, and the same weight serves multiply-adds and parameters.
 * @throws `usage` for a budget that is not positive; `shape`, `usage`, `diverged` as `expectedCost`.
 */
export function budgetPenalty(
  alphas: Float64Array,
  space: SearchSpace,
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
  const { values, gradient } = costTerms(alphas, space, distribution, costs);
  const expected = values.reduce((sum, value) => sum + value, fixed);
  const excess = Math.max(0, expected / budget - 1);
  return {
    value: excess ** 2,
    gradient: gradient.map((g) => (2 * excess * g) / budget),
    expected,
  };
}

/** A sum over all entries, by cell type, with its gradient by all alphas. */
interface Terms {
  readonly values: readonly number[];
  readonly gradient: Float64Array;
}

function costTerms(
  alphas: Float64Array,
  space: SearchSpace,
  distribution: CodeDistribution,
  costs: Float64Array,
): Terms {
  const { samples } = distribution;
  requireSamples(samples);
  requireEntries(costs, space, 'costs');
  return overGroups(alphas, space, distribution, (p, _, entry) => {
    const cost = costs[entry]!;
    return [cost * inclusionProbability(p, samples), cost * samples * p * (1 - p) ** (samples - 1)];
  });
}

function total({ values, gradient }: Terms): Term {
  return { value: values.reduce((sum, value) => sum + value, 0), gradient };
}

/** Sums `of(p, log p, entry, groups of its cell type)`, a term and its derivative by log p, and pulls back. */
function overGroups(
  alphas: Float64Array,
  space: SearchSpace,
  { scope, parameterisation }: DistributionOptions,
  of: (
    p: number,
    logP: number,
    entry: number,
    groups: readonly EntryGroup[],
  ) => readonly [value: number, byLogP: number],
): Terms {
  requireEntries(alphas, space, 'alphas');
  const gradient = new Float64Array(entryCount(space));
  const values = sections(space).map((section) => {
    const groups = sectionGroups(section, scope);
    let value = 0;
    for (const { start, end } of groups) {
      const distribution = distributionOf(alphas.subarray(start, end), parameterisation);
      const byLogP = distribution.logProbabilities.map((logP, k) => {
        const [term, derivative] = of(Math.exp(logP), logP, start + k, groups);
        value += term;
        return derivative;
      });
      gradient.set(distribution.pullback(byLogP), start);
    }
    return value;
  });
  return { values, gradient };
}
