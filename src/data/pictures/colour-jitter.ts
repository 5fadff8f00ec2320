// Other brightness, contrast, saturation and hue by chance, to the bit as torchvision does it to PIL's pictures. With a factor f,
// for each value x of 0 to 255, cut off there:
//
//   brightness  f x            contrast  f x + (1 - f) m            saturation  f x + (1 - f) grey ,
//
// where grey = 0.299 R + 0.587 G + 0.114 B and m is the mean of grey over the picture, both whole numbers; hue is turned in HSV,
// whose three values are bytes. Results are cut to whole numbers, not rounded, and where PIL calculates in float32, so does this.
import type { RandomStream } from '../../random.js';
import type { Picture } from '../picture.js';

/** How far factors may be from 1; hue in turns, at most a half. */
export interface Jitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  readonly hue: number;
}

const CHANGES = ['brightness', 'contrast', 'saturation', 'hue'] as const;
type Change = (typeof CHANGES)[number];

/** What happens to one picture, in this order; what changes nothing is left out. */
export type DrawnJitter = readonly { readonly change: Change; readonly by: number }[];

/**
 * Draws an order of the four, uniform over all 24, and then a factor for each, in the order of their names here:
 * f ~ U(max(0, 1 - a), 1 + a), for hue U(-a, a).
 */
export function drawJitter(jitter: Jitter, stream: RandomStream): DrawnJitter {
  const order = stream.shuffle([0, 1, 2, 3]);
  const factors = CHANGES.map((change) => {
    const reach = jitter[change];
    const [least, most] = change === 'hue' ? [-reach, reach] : [Math.max(0, 1 - reach), 1 + reach];
    return least + (most - least) * stream.uniform();
  });
  return order.flatMap((at) => {
    const change = CHANGES[at];
    return change === undefined || jitter[change] === 0 ? [] : [{ change, by: factors[at]! }];
  });
}

/** Changes the picture in its place; it has three channels. */
export function jitter(picture: Picture, drawn: DrawnJitter): void {
  for (const { change, by } of drawn) changes[change](picture.data, by);
}

const changes: { readonly [C in Change]: (data: Uint8Array, by: number) => void } = {
  brightness: (data, by) => blend(data, by, 0),
  contrast: (data, by) => blend(data, by, meanGrey(data)),
  saturation: saturate,
  hue: turnHue,
};

/** PIL's grey. */
function grey(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}

/** Half up. */
function meanGrey(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) sum += grey(data[at]!, data[at + 1]!, data[at + 2]!);
  return Math.trunc(sum / (data.length / 3) + 0.5);
}

/** In float32: other + factor (value - other), cut to a byte. */
function mixed(value: number, factor: number, other: number): number {
  const result = Math.fround(other + Math.fround(factor * (value - other)));
  return result <= 0 ? 0 : result >= 255 ? 255 : Math.trunc(result);
}

/** Every value mixed with the same one, which a table knows. */
function blend(data: Uint8Array, by: number, other: number): void {
  const factor = Math.fround(by);
  const table = Uint8Array.from({ length: 256 }, (_, value) => mixed(value, factor, other));
  for (let at = 0; at < data.length; at++) data[at] = table[data[at]!]!;
}

function saturate(data: Uint8Array, by: number): void {
  const factor = Math.fround(by);
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const other = grey(red, green, blue);
    data[at] = mixed(red, factor, other);
    data[at + 1] = mixed(green, factor, other);
    data[at + 2] = mixed(blue, factor, other);
  }
}

function turnHue(data: Uint8Array, by: number): void {
  const turn = Math.trunc(by * 255);
  for (let at = 0; at < data.length; at += 3) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    const value = Math.max(red, green, blue);
    const range = value - Math.min(red, green, blue);
    // Grey has no hue.
    if (range === 0) continue;
    const saturation = Math.trunc(Math.fround(range / value) * 255);
    const hue = (hueOf(red, green, blue, value, range) + turn) & 255;
    setHue(data, at, hue, saturation, value);
  }
}

/** 0 to 255 for a whole turn, from red over green and blue. */
function hueOf(red: number, green: number, blue: number, value: number, range: number): number {
  const from = (channel: number): number => Math.fround((value - channel) / range);
  const sixths =
    red === value
      ? from(blue) - from(green)
      : green === value
        ? 2 + from(red) - from(blue)
        : 4 + from(green) - from(red);
  const turns = Math.fround((Math.fround(sixths) / 6 + 1) % 1);
  return Math.trunc(turns * 255);
}

function setHue(data: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  if (saturation === 0) {
    data[at] = value;
    data[at + 1] = value;
    data[at + 2] = value;
    return;
  }
  const place = (hue * 6) / 255;
  const sixth = Math.floor(place);
  const part = Math.fround(place - sixth);
  const share = Math.fround(saturation / 255);
  const p = half(value * (1 - share));
  const q = half(value * (1 - Math.fround(share * part)));
  const t = half(value * (1 - share * (1 - part)));
  const [red, green, blue] = SIXTHS[sixth % 6]!;
  const levels = [value, p, q, t];
  data[at] = levels[red]!;
  data[at + 1] = levels[green]!;
  data[at + 2] = levels[blue]!;
}

/** Which of value, p, q and t the channels have in each sixth of the turn. */
const SIXTHS = [
  [0, 3, 1],
  [2, 0, 1],
  [1, 0, 3],
  [1, 2, 0],
  [3, 1, 0],
  [0, 1, 2],
] as const;

/** C's round, of numbers that are not negative: half up. */
function half(value: number): number {
  return Math.floor(value + 0.5);
}
