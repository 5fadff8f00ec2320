// Exact counts of the papers' networks, and what is refused before there are weights.
import { describe, expect, it } from 'vitest';
import { paperSizes } from '../../../src/networks/evaluation.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

describe('the counts of the papers’ networks', () => {
  // Measured on the released PyTorch definitions; the auxiliary head counts apart.
  it.each([
    ['DARTS_V2', 'cifar', 3_349_342, 528_359_040],
    ['DATA_M7', 'cifar', 3_410_038, 516_663_936],
    ['DARTS_V2', 'imagenet', 4_718_752, 529_911_552],
    ['DATA_M7', 'imagenet', 5_035_648, 539_310_144],
  ] as const)('of %s (%s) are exact', (genotypeName, name, parameters, macs) => {
    const { genotype } = zooEntry(genotypeName);
    for (const auxiliary of [false, true]) {
      const inference = inferenceGraph({ name, genotype, ...paperSizes[name], auxiliary, batch: 'batch' });
      expect(inference.parameters).toBe(parameters);
      expect(inference.cost.macs).toBe(macs);
      expect(inference.auxiliaryParameters > 0).toBe(auxiliary);
    }
  });
});

it('counts multiply-adds of one image, whatever the batch', () => {
  const { genotype } = zooEntry('DARTS_V2');
  const of = (batch: number | string) =>
    inferenceGraph({ ...paperSizes.cifar, name: 'cifar', genotype, auxiliary: false, batch }).cost.macs;
  expect([of('batch'), of(1), of(96)]).toEqual([528_359_040, 528_359_040, 528_359_040]);
});

describe('a network beyond what makes sense', () => {
  it('is refused before there are weights', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const size = { ...paperSizes.cifar, name: 'cifar', initChannels: 4096, batch: 1 } as const;
    expect(() => inferenceGraph({ genotype, ...size, auxiliary: false })).toThrow('at most 8 GiB');
  });
});
