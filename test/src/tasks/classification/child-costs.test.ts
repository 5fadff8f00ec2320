import { describe, expect, it } from 'vitest';
import { inferenceGraph } from '../../../../src/networks/inference.js';
import { codeOfGenotype } from '../../../../src/spaces/code.js';
import { DARTS_SPACE } from '../../../../src/spaces/convolutional.js';
import { CONVOLUTIONAL_ZOO } from '../../../../src/spaces/zoo-convolutional.js';
import { childCosts } from '../../../../src/tasks/classification/child-costs.js';

const sizes = {
  name: 'cifar',
  cells: 8,
  channels: 12,
  classes: 10,
  image: { channels: 3, height: 32, width: 32 },
} as const;

describe('childCosts', () => {
  it.each(['macs', 'parameters'] as const)('add up to the %s of any genotype', (unit) => {
    const { costs, fixed } = childCosts(DARTS_SPACE, sizes, unit);
    for (const { genotype } of CONVOLUTIONAL_ZOO) {
      const code = codeOfGenotype(genotype, DARTS_SPACE);
      const total = code.reduce((sum, entry, i) => sum + entry * costs[i]!, fixed);
      const child = inferenceGraph({
        ...sizes,
        genotype,
        initChannels: sizes.channels,
        auxiliary: false,
        batch: 1,
      });
      expect(total).toBe(unit === 'macs' ? child.cost.macs : child.parameters);
    }
  });
});
