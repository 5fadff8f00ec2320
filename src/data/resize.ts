// Pictures of other sizes, to the bit as PIL makes them, so that networks see in a browser and in training what they would see
// in PyTorch. Bilinear with antialiasing: with scale s = in / out and support r = max(s, 1), pixel o of the result has its centre
// at c = (o + 0.5) s, and is the mean of the pixels i in [floor(c - r + 0.5), floor(c + r + 0.5)), cut to the picture, with weights
//
//   max(0, 1 - |i + 0.5 - c| / r) ,
//
// which are made to sum to 1. Rows first, then columns; after each pass values are bytes again. As in PIL the weights are whole
// multiples of 2^-22, and a result is rounded by adding a half.
import type { Box, Picture } from './picture.js';

/** Height and width. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

const precision = 22;
const half = 1 << (precision - 1);

/** For each pixel along one axis which pixels it is made of: `counts[o]` of them from `starts[o]` on, their weights in rows of `most`. */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly most: number;
}

/** Of the pixels `first` to `first + count` of `out`, made of `size` pixels. */
function tapsOf(size: number, out: number, first: number, count: number): Taps {
  const scale = size / out;
  const support = Math.max(scale, 1);
  const most = 2 * Math.ceil(support) + 1;
  const [starts, counts] = [new Int32Array(count), new Int32Array(count)];
  const weights = new Int32Array(count * most);
  const shares = new Float64Array(most);
  for (let o = 0; o < count; o++) {
    const centre = (first + o + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const taps = Math.min(Math.trunc(centre + support + 0.5), size) - start;
    let sum = 0;
    for (let i = 0; i < taps; i++) {
      const share = Math.max(0, 1 - Math.abs((i + start - centre + 0.5) * (1 / support)));
      shares[i] = share;
      sum += share;
    }
    starts[o] = start;
    counts[o] = taps;
    for (let i = 0; i < taps; i++)
      weights[o * most + i] = Math.trunc(0.5 + (shares[i]! / sum) * (1 << precision));
  }
  return { starts, counts, weights, most };
}

/**
 * The picture at another size, bilinear and antialiased. `box` takes a part of it, which then counts as the whole picture;
 * `window` says which part of the result is wanted, and the rest is not calculated.
 */
export function resizeBilinear(
  picture: Picture,
  size: Size,
  box: Box = whole(picture),
  window: Box = whole(size),
): Picture {
  const { channels } = picture;
  const across = tapsOf(box.width, size.width, window.left, window.width);
  const down = tapsOf(box.height, size.height, window.top, window.height);
  const isSame = { width: box.width === size.width, height: box.height === size.height };
  // Rows of the box that the columns need.
  const last = window.height - 1;
  const firstRow = isSame.height ? window.top : (down.starts[0] ?? 0);
  const behind = isSame.height
    ? window.top + window.height
    : (down.starts[last] ?? 0) + (down.counts[last] ?? 0);
  const middle = alongRows(picture, box, firstRow, behind - firstRow, across, isSame.width, window);
  const data = isSame.height ? middle : alongColumns(middle, window, channels, down, firstRow);
  return { height: window.height, width: window.width, channels, data };
}

function whole({ height, width }: Size): Box {
  return { top: 0, left: 0, height, width };
}

/** u8[rows, window.width, channels]. */
function alongRows(
  { data, width, channels }: Picture,
  box: Box,
  firstRow: number,
  rows: number,
  { starts, counts, weights, most }: Taps,
  isSame: boolean,
  window: Box,
): Uint8Array {
  const row = window.width * channels;
  const out = new Uint8Array(rows * row);
  for (let y = 0; y < rows; y++) {
    const from = ((box.top + firstRow + y) * width + box.left) * channels;
    if (isSame) {
      const start = from + window.left * channels;
      out.set(data.subarray(start, start + row), y * row);
    } else if (channels === 3) {
      let to = y * row;
      for (let o = 0; o < window.width; o++, to += 3) {
        let at = from + 3 * starts[o]!;
        let weight = o * most;
        const end = weight + counts[o]!;
        let [red, green, blue] = [half, half, half];
        for (; weight < end; weight++, at += 3) {
          const share = weights[weight]!;
          red = (red + Math.imul(share, data[at]!)) | 0;
          green = (green + Math.imul(share, data[at + 1]!)) | 0;
          blue = (blue + Math.imul(share, data[at + 2]!)) | 0;
        }
        out[to] = red >> precision;
        out[to + 1] = green >> precision;
        out[to + 2] = blue >> precision;
      }
    } else {
      for (let o = 0; o < window.width; o++) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = half;
          for (let i = 0; i < counts[o]!; i++)
            sum =
              (sum + Math.imul(weights[o * most + i]!, data[from + (starts[o]! + i) * channels + channel]!)) |
              0;
          out[y * row + o * channels + channel] = sum >> precision;
        }
      }
    }
  }
  return out;
}

/** u8[window.height, window.width, channels] of rows that begin with row `firstRow`. */
function alongColumns(
  rows: Uint8Array,
  window: Box,
  channels: number,
  { starts, counts, weights, most }: Taps,
  firstRow: number,
): Uint8Array {
  const row = window.width * channels;
  const out = new Uint8Array(window.height * row);
  const sums = new Int32Array(row);
  for (let o = 0; o < window.height; o++) {
    sums.fill(half);
    for (let i = 0; i < counts[o]!; i++) {
      const share = weights[o * most + i]!;
      const from = (starts[o]! - firstRow + i) * row;
      for (let x = 0; x < row; x++) sums[x] = (sums[x]! + Math.imul(share, rows[from + x]!)) | 0;
    }
    const to = o * row;
    for (let x = 0; x < row; x++) out[to + x] = sums[x]! >> precision;
  }
  return out;
}

/** Each pixel is the one of `picture` that its centre lies in: for masks, whose values are names and have no mean. */
export function resizeNearest({ data, ...picture }: Picture, size: Size): Picture {
  const { channels } = picture;
  const out = new Uint8Array(size.height * size.width * channels);
  const columns = nearestOf(picture.width, size.width);
  const rows = nearestOf(picture.height, size.height);
  let to = 0;
  for (const y of rows) {
    const row = y * picture.width * channels;
    for (const x of columns) {
      const from = row + x * channels;
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!;
    }
  }
  return { ...size, channels, data: out };
}

function nearestOf(size: number, out: number): Int32Array {
  return Int32Array.from({ length: out }, (_, o) => Math.min(Math.floor(((o + 0.5) * size) / out), size - 1));
}
