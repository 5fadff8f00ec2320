// Images in memory as if they were read from files: for views that are made of pictures.
import type { ImageSet, PictureSet } from '../../../datasets/dataset.js';
import { pictureOf } from '../picture.js';
import { seen } from './views.js';

/** Grey becomes red, green and blue. */
export function storedPictures(set: ImageSet): PictureSet {
  const { labels, count } = set;
  return {
    labels,
    count,
    channels: 3,
    read: async (index, view) => seen(pictureOf(set.images, index, set), view),
  };
}
