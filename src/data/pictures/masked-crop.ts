// What a step of a segmentation sees of a picture and its mask: both scaled alike, cut to one extent, and mirrored. Where the
// picture ends before the extent does, to the right and below, there is the mean colour, which is 0 after normalisation, and a mask
// without class. Pictures are scaled as PIL does it, masks to the nearest pixel.
import type { MaskedPicture } from '../../../datasets/masks/masked-data.js';
import { NO_CLASS } from '../../../datasets/masks/palette.js';
import type { RandomStream } from '../../random.js';
import type { Box } from '../picture.js';
import { resizeBilinear, resizeNearest, type Size } from '../resize.js';

/** Where the extent lies in the scaled picture. */
export interface MaskedPlace {
  /** Height and width of the whole picture, scaled. */
  readonly scaled: Size;
  readonly top: number;
  readonly left: number;
  readonly flipped: boolean;
}

export interface CropOptions {
  /** One of them is drawn. */
  readonly scales: readonly number[];
  /** Mirror left and right with probability 1/2. */
  readonly flip: boolean;
}

/** Draws, always in this order: the scale, top, left, and whether it is mirrored. A scaled side is floor(s H). */
export function drawPlace(
  { height, width }: Size,
  extent: Size,
  { scales, flip }: CropOptions,
  stream: RandomStream,
): MaskedPlace {
  const scale = scales[stream.integer(scales.length)] ?? 1;
  const scaled = { height: side(scale * height), width: side(scale * width) };
  const top = stream.integer(Math.max(scaled.height - extent.height, 0) + 1);
  const left = stream.integer(Math.max(scaled.width - extent.width, 0) + 1);
  return { scaled, top, left, flipped: flip && stream.uniform() < 0.5 };
}

function side(pixels: number): number {
  return Math.max(Math.floor(pixels), 1);
}

/** As it is: what evaluations see. */
export function wholePlace({ height, width }: Size): MaskedPlace {
  return { scaled: { height, width }, top: 0, left: 0, flipped: false };
}

/** Where a masked picture is written to; each array is already what is beside a picture: 0, and `NO_CLASS`. */
export interface MaskedOutput {
  /** f32[N, channels, height, width]. */
  readonly images: Float32Array;
  /** u8[N, height, width]. */
  readonly labels: Uint8Array;
}

/** Arrays for `count` pictures of an extent. */
export function maskedOutput(count: number, channels: number, { height, width }: Size): MaskedOutput {
  const pixels = count * height * width;
  return { images: new Float32Array(channels * pixels), labels: new Uint8Array(pixels).fill(NO_CLASS) };
}

/** Writes what is seen as number `row` of `out`. `table` is `normalisationTable` of the picture's channels. */
export function renderMasked(
  { picture, mask }: MaskedPicture,
  { scaled, top, left, flipped }: MaskedPlace,
  extent: Size,
  table: Float32Array,
  { images, labels }: MaskedOutput,
  row: number,
): void {
  const { channels } = picture;
  const window: Box = {
    top,
    left,
    height: Math.min(extent.height, scaled.height - top),
    width: Math.min(extent.width, scaled.width - left),
  };
  const pixels = resizeBilinear(picture, scaled, undefined, window).data;
  const classes = cut(resizeNearest(mask, scaled).data, scaled, window);
  const plane = extent.height * extent.width;
  for (let y = 0; y < window.height; y++) {
    // A mirrored picture ends where the extent begins.
    const start = y * extent.width + (flipped ? extent.width - 1 : 0);
    for (let x = 0; x < window.width; x++) {
      const to = flipped ? start - x : start + x;
      const from = y * window.width + x;
      labels[row * plane + to] = classes[from]!;
      for (let channel = 0; channel < channels; channel++)
        images[(row * channels + channel) * plane + to] =
          table[(channel << 8) + pixels[from * channels + channel]!]!;
    }
  }
}

function cut(data: Uint8Array, { width }: Size, window: Box): Uint8Array {
  const out = new Uint8Array(window.height * window.width);
  for (let y = 0; y < window.height; y++) {
    const from = (window.top + y) * width + window.left;
    out.set(data.subarray(from, from + window.width), y * window.width);
  }
  return out;
}
