import { describe, expect, it } from 'vitest';
import { budgetPenalty, expectedOperations, meanEntropy } from '../../../src/estimators/regularisers.js';
import { openStream } from '../../../src/random.js';
import { penaltiesOf } from '../../../src/search/penalties.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { budgetOf } from '../../../src/tasks/classification/budget.js';
import { childCosts } from '../../../src/tasks/classification/child-costs.js';
import { type SearchConfig, smallSearch } from '../../../src/tasks/classification/search-settings.js';

const child = { name: 'cifar', classes: 10, image: { channels: 1, height: 28, width: 28 } } as const;
const stream = openStream(3, 'penalties');
const alphas = Float64Array.from({ length: entryCount(DARTS_SPACE) }, () => stream.normal());
const budget = { unit: 'parameters', most: 20_000, cells: 4, channels: 8 } as const;

function config(changes: Partial<SearchConfig>): SearchConfig {
  return { ...smallSearch, data: 'none', seed: 1, threads: 1, ...changes };
}

type Child = Parameters<typeof budgetOf>[2];
const penaltiesFor = (settings: SearchConfig, of: Child = child) =>
  penaltiesOf(DARTS_SPACE, settings, budgetOf(DARTS_SPACE, settings, of));

describe('penalties', () => {
  it('are nothing by default', () => {
    const { gradient, expected } = penaltiesFor(config({}), child);
    expect(gradient(alphas).every((value) => value === 0)).toBe(true);
    expect(expected(alphas)).toBeUndefined();
  });

  it('are the weighted sum of their terms', () => {
    const weights = { entropy: 0.3, operations: 0.2, budget: 5 };
    const settings = config({ penalties: weights, budget });
    const { gradient, expected } = penaltiesFor(settings, child);
    const costs = childCosts(DARTS_SPACE, { ...child, cells: 4, channels: 8 }, 'parameters');
    const over = budgetPenalty(alphas, DARTS_SPACE, settings, { ...costs, budget: 20_000 });
    expect(over.value).toBeGreaterThan(0);
    expect(expected(alphas)).toBe(over.expected);
    const found = gradient(alphas);
    const entropy = meanEntropy(alphas, DARTS_SPACE, settings).gradient;
    const operations = expectedOperations(alphas, DARTS_SPACE, settings).gradient;
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(0.3 * entropy[i]! + 0.2 * operations[i]! + 5 * over.gradient[i]!, 12);
    });
  });
});
