// Weights of the ImageNet network of a genotype, as a segmentation network has them: behind `backbone.`, without what a classifier
// has of its own.
import { GenonnxError } from '../../errors.js';
import type { NamedShapes } from '../sizes-of-weights.js';

/**
 * @param weights by names without `module.` in front.
 * @throws GenonnxError `weights-mismatch` for those of another network than ImageNet's.
 */
export function backboneWeights<W extends { readonly shape: readonly number[] }>(
  weights: ReadonlyMap<string, W>,
): ReadonlyMap<string, W> {
  requireImagenet(weights);
  const kept = [...weights].filter(([name]) => !/^(classifier|auxiliary_head)\./.test(name));
  return new Map(kept.map(([name, tensor]) => [`backbone.${name}`, tensor]));
}

function requireImagenet(weights: NamedShapes): void {
  const first = 'stem0.0.weight';
  if (weights.has(first)) return;
  const isWhole = [...weights.keys()].some((name) => name.startsWith('backbone.'));
  throw new GenonnxError('weights-mismatch', 'A backbone is the ImageNet network of a genotype.', {
    where: '`backbone`',
    expected: `weights of that network, ${first} among them`,
    found: isWhole ? 'those of a whole segmentation network' : `no ${first}`,
    cure: isWhole
      ? 'Give them as `weights`.'
      : 'Train the ImageNet network, or compile with weights of it: `network` imagenet.',
  });
}
