import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../../src/errors.js';
import { paperSizes } from '../../../src/networks/evaluation.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { type AskedSizes, settleSizes, sizesOfWeights } from '../../../src/networks/sizes-of-weights.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';

describe('settleSizes', () => {
  it.each(fixtureSizes)('finds the sizes of $name in its weights', (fixture) => {
    const { genotype: _, batch: __, image, ...sizes } = fixtureNetwork(fixture);
    const said = sizesOfWeights(fixtureWeights(fixture.name));
    // Weights do not say how large the images are.
    expect(settleSizes({ image }, said)).toEqual({ ...sizes, image });
    expect(settleSizes({}, said)).toEqual({ ...sizes, image: paperSizes[sizes.name].image });
  });

  it.each(['cifar', 'imagenet'] as const)('finds every size of a %s network that there can be', (name) => {
    for (const auxiliary of [false, true]) {
      const image = { ...paperSizes[name].image, channels: auxiliary ? 1 : 4 };
      const sizes = { name, cells: 5, initChannels: 6, classes: 13, image, auxiliary };
      const { weights } = inferenceGraph({ ...sizes, genotype: zooEntry('DARTS_V2').genotype, batch: 1 });
      expect(settleSizes({}, sizesOfWeights(new Map(weights.map((slot) => [slot.name, slot]))))).toEqual(
        sizes,
      );
    }
  });

  it('takes what the papers have where nobody says anything', () => {
    expect(settleSizes({})).toEqual({ name: 'cifar', auxiliary: false, ...paperSizes.cifar });
    expect(settleSizes({ name: 'imagenet', cells: 3 })).toMatchObject({ ...paperSizes.imagenet, cells: 3 });
    expect(sizesOfWeights(new Map([['fc.weight', { shape: [3, 3] }]]))).toEqual(sizesOfWeights(new Map()));
  });

  it('leaves open what shapes do not tell', () => {
    const odd = new Map([
      ['stem.0.weight', { shape: [7, 3, 3, 3] }],
      ['classifier.weight', { shape: [] }],
    ]);
    const { initChannels, classes, cells, imageChannels } = sizesOfWeights(odd);
    expect([initChannels, classes, cells, imageChannels?.value]).toEqual([
      undefined,
      undefined,
      undefined,
      3,
    ]);
  });

  const said = sizesOfWeights(fixtureWeights('darts-v2-cifar'));
  it.each<[AskedSizes, RegExp]>([
    [{ name: 'imagenet' }, /`network`[\s\S]*cifar, as the weights say \(stem\.0\.weight\)[\s\S]*imagenet/],
    [{ cells: 20 }, /`cells`[\s\S]*8, as the weights say \(cells\.7\.[\s\S]*20/],
    [
      { initChannels: 36 },
      /`initChannels`[\s\S]*4, as the weights say \(stem\.0\.weight \[12,3,3,3\]\)[\s\S]*36/,
    ],
    [{ classes: 11 }, /`classes`[\s\S]*10, as the weights say \(classifier\.weight \[10,64\]\)[\s\S]*11/],
    [{ image: { height: 32, width: 32, channels: 1 } }, /`image`[\s\S]*3 channels[\s\S]*1 channels/],
    [{ auxiliary: true }, /`auxiliary`[\s\S]*false, as the weights say \(no auxiliary_head\)/],
  ])('refuses what the weights deny: %j', (asked, says) => {
    expect(() => settleSizes(asked, said)).toThrow(GenonnxError);
    expect(() => settleSizes(asked, said)).toThrow(says);
  });

  it('lets an auxiliary head be asked away', () => {
    const withHead = sizesOfWeights(fixtureWeights('data-m7-cifar-auxiliary'));
    expect(settleSizes({}, withHead).auxiliary).toBe(true);
    expect(settleSizes({ auxiliary: false }, withHead).auxiliary).toBe(false);
  });
});
