// Terms of the alphas alone that a search may add to its loss: for deciding sooner, for smaller cells, for a budget of the
// trained child. All are off by default.
import {
  type Budget,
  budgetPenalty,
  type CodeDistribution,
  expectedOperations,
  meanEntropy,
} from '../estimators/regularisers.js';
import type { SearchSpace } from '../spaces/search-space.js';
import type { SearchRecipe } from '../tasks/recipes.js';

export interface Penalties {
  /** d/dalphas of all terms together, weighted; both f64[entries]. */
  gradient(alphas: Float64Array): Float64Array;
  /** Expected cost of the child, in the unit of the budget; undefined where there is none. */
  expected(alphas: Float64Array): number | undefined;
}

export function penaltiesOf(
  space: SearchSpace,
  config: Pick<SearchRecipe, 'penalties' | 'samples' | 'scope' | 'parameterisation'>,
  budget: Budget | undefined,
): Penalties {
  const { penalties, samples, scope, parameterisation } = config;
  const distribution: CodeDistribution = { samples, scope, parameterisation };
  return {
    gradient(alphas) {
      const gradient = new Float64Array(alphas.length);
      const add = (weight: number, term: () => { readonly gradient: Float64Array }): void => {
        if (weight === 0) return;
        term().gradient.forEach((value, i) => {
          gradient[i]! += weight * value;
        });
      };
      add(penalties.entropy, () => meanEntropy(alphas, space, distribution));
      add(penalties.operations, () => expectedOperations(alphas, space, distribution));
      if (budget !== undefined)
        add(penalties.budget, () => budgetPenalty(alphas, space, distribution, budget));
      return gradient;
    },
    expected: (alphas) =>
      budget === undefined ? undefined : budgetPenalty(alphas, space, distribution, budget).expected,
  };
}
