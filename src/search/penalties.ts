// Terms of the alphas alone that a search may add to its loss: for deciding sooner, for smaller cells, for a budget of the
// trained child. All are off by default.
import type { Alphas } from '../estimators/estimator.js';
import {
  type Budget,
  budgetPenalty,
  type CodeDistribution,
  expectedOperations,
  meanEntropy,
} from '../estimators/regularisers.js';
import type { CellSpace } from '../spaces/search-space.js';
import { type ChildSizes, childCosts } from './child-costs.js';
import type { SearchConfig } from './config.js';
import { latencyChildCosts } from './latency-budget.js';

export interface Penalties {
  /** d/dalphas of all terms together, weighted. */
  gradient(alphas: Alphas): Alphas;
  /** Expected cost of the child, in the unit of the budget; undefined where there is none. */
  expected(alphas: Alphas): number | undefined;
}

/** @throws GenonnxError for child sizes that no network can have, or that a latency table is not of. */
export function penaltiesOf(
  space: CellSpace,
  config: SearchConfig,
  child: Pick<ChildSizes, 'classes' | 'image'>,
): Penalties {
  const { penalties, samples, scope, parameterisation } = config;
  const distribution: CodeDistribution = { samples, scope, parameterisation };
  const budget = budgetOf(space, config, child);
  const ofCell = (values: Float64Array): Float64Array => {
    const gradient = new Float64Array(values.length);
    const add = (weight: number, term: () => { readonly gradient: Float64Array }): void => {
      if (weight === 0) return;
      term().gradient.forEach((value, i) => {
        gradient[i]! += weight * value;
      });
    };
    add(penalties.entropy, () => meanEntropy(values, space, distribution));
    add(penalties.operations, () => expectedOperations(values, space, distribution));
    return gradient;
  };
  return {
    gradient(alphas) {
      const own = { normal: ofCell(alphas.normal), reduce: ofCell(alphas.reduce) };
      if (budget === undefined || penalties.budget === 0) return own;
      const { gradient } = budgetPenalty(alphas, space, distribution, budget);
      const sum = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + penalties.budget * b[i]!);
      return { normal: sum(own.normal, gradient.normal), reduce: sum(own.reduce, gradient.reduce) };
    },
    expected: (alphas) =>
      budget === undefined ? undefined : budgetPenalty(alphas, space, distribution, budget).expected,
  };
}

function budgetOf(
  space: CellSpace,
  { budget }: SearchConfig,
  child: Pick<ChildSizes, 'classes' | 'image'>,
): Budget | undefined {
  if (budget === undefined) return undefined;
  const { most, cells, channels } = budget;
  const sizes = { ...child, cells, channels };
  const costs =
    budget.unit === 'latency'
      ? latencyChildCosts(budget.latency, sizes)
      : childCosts(space, sizes, budget.unit);
  return { ...costs, budget: most };
}
