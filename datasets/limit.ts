// Smaller sets from larger ones, without chance: the first images of each class, in file order.
import { GenonnxError } from '../graphs/errors.js';
import type { ImageSet } from './dataset.js';

/**
 * The first `limit` images, class-balanced: every round takes the next image of each class, in file order, until there
 * are enough; a class that runs out is passed over. The result keeps the file's order. A limit above the count keeps
 * all. Throws `usage` for a limit that is no positive integer.
 */
export function limitImages(set: ImageSet, limit: number): ImageSet {
  requireLimit(limit);
  if (limit >= set.count) return set;
  const indices = balancedIndices(set.labels, limit);
  const size = set.channels * set.height * set.width;
  const images = new Uint8Array(limit * size);
  const labels = new Uint32Array(limit);
  indices.forEach((from, to) => {
    images.set(set.images.subarray(from * size, (from + 1) * size), to * size);
    labels[to] = set.labels[from]!;
  });
  return { ...set, images, labels, count: limit };
}

/** @throws GenonnxError `usage` for a limit that is no positive integer. */
export function requireLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new GenonnxError('usage', 'The number of training images is not possible.', {
      where: '`limit`',
      expected: 'a positive integer',
      found: String(limit),
      cure: 'Give a positive integer, or leave `limit` out for all images.',
    });
  }
}

/** Of the first `limit` examples in such rounds, at most as many as there are, in ascending order. */
export function balancedIndices(labels: Uint32Array, limit: number): Uint32Array {
  // Each image's round is the number of images of its class before it.
  const seen = new Map<number, number>();
  const rounds = Uint32Array.from(labels, (label) => {
    const round = seen.get(label) ?? 0;
    seen.set(label, round + 1);
    return round;
  });
  const order = Uint32Array.from(labels, (_, index) => index).sort(
    (a, b) => rounds[a]! - rounds[b]! || labels[a]! - labels[b]!,
  );
  return order.subarray(0, limit).sort();
}
