// What the trained child of a search may cost, and what each entry of a code costs in it.
import type { Budget } from '../../estimators/regularisers.js';
import type { ConvolutionalSpace } from '../../spaces/convolutional.js';
import { type ChildSizes, childCosts } from './child-costs.js';
import { latencyChildCosts } from './latency-budget.js';
import type { SearchConfig } from './search-settings.js';

/** @throws GenonnxError for child sizes that no network can have, or that a latency table is not of. */
export function budgetOf(
  space: ConvolutionalSpace,
  { budget }: Pick<SearchConfig, 'budget'>,
  child: Pick<ChildSizes, 'name' | 'classes' | 'image'>,
): Budget | undefined {
  if (budget === undefined) return undefined;
  const { most, cells, channels } = budget;
  const sizes = { ...child, cells, channels };
  const costs =
    budget.unit === 'latency'
      ? latencyChildCosts(budget.latency, sizes, space)
      : childCosts(space, sizes, budget.unit);
  return { ...costs, budget: most };
}
