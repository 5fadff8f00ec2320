import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCorpus, openImages } from '../../../datasets/index.js';
import { makeStandIn } from '../../../src/library/stand-ins.js';
import { freshFolder } from '../../e2e/command.js';

describe('data that stands in for what is not at hand', () => {
  it('has the form of CIFAR-10', async () => {
    const folder = await makeStandIn('cifar-10', join(freshFolder(), 'data'), 50);
    const { train, classes } = await openImages(folder);
    expect(train.count).toBe(50);
    expect(classes).toHaveLength(10);
  });

  it('has the form of ImageNet', async () => {
    const folder = await makeStandIn('imagenet', join(freshFolder(), 'data'), 30);
    const { train, test, classes } = await openImages(folder);
    expect([train.count, test.count, classes.length]).toEqual([30, 20, 10]);
  });

  it.each([
    ['penn-treebank', 10_000],
    ['wikitext-2', 33_278],
  ] as const)('has as many words as %s', async (kind, words) => {
    const { vocabulary, train } = await loadCorpus(await makeStandIn(kind, join(freshFolder(), 'data'), 500));
    // With the end of a line.
    expect(vocabulary).toHaveLength(words + 1);
    expect(train.length).toBeGreaterThan(words);
  });

  it('is composed of embedded images for segmentation', async () => {
    expect(await makeStandIn('scenes', 'anywhere', 8)).toBe('scenes');
  });
});
