// Splits a data set in two without favouring a class: the search trains weights on the one part and alphas on the other.
import type { ImageSet } from '../../datasets/dataset.js';
import { GenonnxError } from '../errors.js';
import type { RandomStream } from '../random.js';

/** Indices into the set that was split, each in a random order. */
export interface Split {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Gives `round(fraction * count)` images to `train` and the rest to `validation`; of each class, `train` gets its
 * fraction to within one image. Advances `stream`. Throws `usage` where a part would be empty or the fraction is not
 * between 0 and 1.
 */
export function splitIndices(
  set: Pick<ImageSet, 'labels' | 'count'>,
  fraction: number,
  stream: RandomStream,
): Split {
  const total = Math.round(fraction * set.count);
  if (!(fraction > 0 && fraction < 1) || total < 1 || total >= set.count) {
    throw new GenonnxError('usage', 'The training set cannot be split this way.', {
      expected: 'a fraction between 0 and 1 that leaves images in both parts',
      found: `${fraction} of ${set.count} images`,
      cure: 'Choose another fraction, or more images.',
    });
  }
  const order = stream.shuffle(Uint32Array.from({ length: set.count }, (_, index) => index));
  order.sort((a, b) => set.labels[a]! - set.labels[b]!); // stable: the random order within a class stays

  // Position p of the sorted order goes to `train` where the running quota round(fraction * p) steps up.
  const train: number[] = [];
  const validation: number[] = [];
  order.forEach((index, p) => {
    const steps = Math.round(fraction * (p + 1)) > Math.round(fraction * p);
    (steps ? train : validation).push(index);
  });
  return {
    train: stream.shuffle(Uint32Array.from(train)),
    validation: stream.shuffle(Uint32Array.from(validation)),
  };
}
