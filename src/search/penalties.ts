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
import type { SearchRecipe } from '../tasks/recipes.js';

export interface Penalties {
  /** d/dalphas of all terms together, weighted. */
  gradient(alphas: Alphas): Alphas;
  /** Expected cost of the child, in the unit of the budget; undefined where there is none. */
  expected(alphas: Alphas): number | undefined;
}

export function penaltiesOf(
  space: CellSpace,
  config: Pick<SearchRecipe, 'penalties' | 'samples' | 'scope' | 'parameterisation'>,
  budget: Budget | undefined,
): Penalties {
  const { penalties, samples, scope, parameterisation } = config;
  const distribution: CodeDistribution = { samples, scope, parameterisation };
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
