// Images in words, as a run begins.
import type { ImageDataset } from '../../../datasets/dataset.js';

/** `photos, 96 training images (3 that cannot be decoded left out)` */
export function describeImages({
  name,
  train,
  leftOut = 0,
}: Pick<ImageDataset, 'name' | 'train' | 'leftOut'>): string {
  const skipped = leftOut === 0 ? '' : ` (${leftOut} that cannot be decoded left out)`;
  return `${name}, ${train.count} training images${skipped}`;
}
