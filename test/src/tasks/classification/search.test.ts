import { describe, expect, it } from 'vitest';
import { inferenceGraph } from '../../../../src/networks/inference.js';
import { evaluation } from '../../../../src/networks/search-programs.js';
import { codeOfGenotype } from '../../../../src/spaces/code.js';
import { DARTS_SPACE } from '../../../../src/spaces/convolutional.js';
import { zooEntry } from '../../../../src/spaces/zoo.js';
import { resolveSearch, type SearchGiven } from '../../../../src/tasks/classification/resolve-search.js';
import { classificationSearch } from '../../../../src/tasks/classification/search.js';

const count = 64;
const set = {
  count,
  channels: 1,
  height: 32,
  width: 32,
  images: new Uint8Array(count * 32 * 32),
  labels: Uint32Array.from({ length: count }, (_, i) => i % 2),
};
const dataset = { name: 'made up', classes: ['a', 'b'], train: set, test: set, checksums: {} };

function problem(given: SearchGiven) {
  const config = resolveSearch({
    given: { data: 'made-up', cells: 3, channels: 4, batch: 4, ...given },
    preset: 'small',
    threads: 1,
  });
  return classificationSearch(config, dataset, DARTS_SPACE);
}

describe('the search of a classifier', () => {
  it.each([
    ['cifar', 'stem.0.weight'],
    ['imagenet', 'stem0.0.weight'],
  ] as const)('has the stem of the %s network, and a budget of its child', (network, weight) => {
    const { supernet, budget } = problem({ network, budget: { most: 1e6, cells: 3, channels: 4 } });
    expect(evaluation(supernet).state.parameters.map(({ name }) => name)).toContain(weight);
    const { genotype } = zooEntry('DARTS_V2');
    const code = codeOfGenotype(genotype, DARTS_SPACE);
    const child = inferenceGraph({
      name: network,
      genotype,
      cells: 3,
      initChannels: 4,
      classes: 2,
      image: { channels: 1, height: 32, width: 32 },
      auxiliary: false,
      batch: 1,
    });
    const { costs, fixed } = budget!;
    expect(code.reduce((sum, entry, i) => sum + entry * costs[i]!, fixed)).toBe(child.cost.macs);
  });
});
