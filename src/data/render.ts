// From stored bytes to what a network sees: one image padded, shifted, mirrored, normalised and cut out, in one pass over
// the pixels. All that lies outside the stored image is black *before* normalisation, as in the released DARTS code, where
// the crop pads the picture and only the cutout acts on normalised values.
import type { ImageSet } from '../../datasets/dataset.js';
import type { Transform } from './augment.js';

/** The extent of rendered images; where it exceeds the set's, images lie in the middle (the odd pixel goes below and right). */
export interface Extent {
  readonly height: number;
  readonly width: number;
}

/** Where images are taken from. */
export type StoredImages = Pick<ImageSet, 'images' | 'channels' | 'height' | 'width'>;

/**
 * Writes image `index` of `set` to `out` at `offset`: f32[channels, extent.height, extent.width]. `table` is
 * `normalisationTable` of the set's channels.
 */
export function renderImage(
  set: StoredImages,
  index: number,
  table: Float32Array,
  transform: Transform,
  extent: Extent,
  out: Float32Array,
  offset: number,
): void {
  const { images, channels } = set;
  const top = transform.shiftY - ((extent.height - set.height) >> 1);
  const left = transform.shiftX - ((extent.width - set.width) >> 1);
  // Columns of the output, before the flip, that the stored image covers.
  const first = Math.max(0, -left);
  const last = Math.min(extent.width, set.width - left);
  const step = transform.flipped ? -1 : 1;
  const covered = first === 0 && last === extent.width;

  for (let channel = 0; channel < channels; channel++) {
    const values = channel << 8;
    const black = table[values]!;
    for (let y = 0; y < extent.height; y++) {
      const row = offset + (channel * extent.height + y) * extent.width;
      const sourceY = y + top;
      const outside = sourceY < 0 || sourceY >= set.height;
      if (outside || !covered) out.fill(black, row, row + extent.width);
      if (outside) continue;
      let from = ((index * channels + channel) * set.height + sourceY) * set.width + left + first;
      let to = transform.flipped ? row + extent.width - 1 - first : row + first;
      for (let x = first; x < last; x++, from++, to += step) out[to] = table[values + images[from]!]!;
    }
    if (transform.cutout === undefined) continue;
    const { top: upper, bottom, left: start, right } = transform.cutout;
    for (let y = upper; y < bottom; y++) {
      const row = offset + (channel * extent.height + y) * extent.width;
      out.fill(0, row + start, row + right);
    }
  }
}
