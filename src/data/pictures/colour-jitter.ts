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
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
    const other = grey(red, green, blue);
    data[at] = mixed(red, factor, other);
    data[at + 1] = mixed(green, factor, other);
    data[at + 2] = mixed(blue, factor, other);
  }
}

function turnHue(data: Uint8Array, by: number): void {
  const turn = Math.trunc(by * 255);
  for (let at = 0; at < data.length; at += 3) {
    const red = data[at]!;
    const green = data[at + 1]!;
    const blue = data[at + 2]!;
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
  let sixths: number;
  if (red === value) sixths = below(value, blue, range) - below(value, green, range);
  else if (green === value) sixths = 2 + below(value, red, range) - below(value, blue, range);
  else sixths = 4 + below(value, green, range) - below(value, red, range);
  const turns = Math.fround(sixths) / 6 + 1;
  return Math.trunc(Math.fround(turns >= 1 ? turns - 1 : turns) * 255);
}

function below(value: number, channel: number, range: number): number {
  return Math.fround((value - channel) / range);
}

/** Of each hue the sixth of the turn that it lies in, from 0 to 5, and which part of that lies before it. */
const hueSixths = Uint8Array.from({ length: 256 }, (_, hue) => Math.floor((hue * 6) / 255) % 6);
const hueParts = Float32Array.from(
  { length: 256 },
  (_, hue) => (hue * 6) / 255 - Math.floor((hue * 6) / 255),
);
const shares = Float32Array.from({ length: 256 }, (_, saturation) => saturation / 255);

function setHue(data: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  const part = hueParts[hue]!;
  const share = shares[saturation]!;
  const p = half(value * (1 - share));
  const q = half(value * (1 - Math.fround(share * part)));
  const t = half(value * (1 - share * (1 - part)));
  switch (saturation === 0 ? -1 : hueSixths[hue]) {
    case 0:
      setPixel(data, at, value, t, p);
      break;
    case 1:
      setPixel(data, at, q, value, p);
      break;
    case 2:
      setPixel(data, at, p, value, t);
      break;
    case 3:
      setPixel(data, at, p, q, value);
      break;
    case 4:
      setPixel(data, at, t, p, value);
      break;
    case 5:
      setPixel(data, at, value, p, q);
      break;
    default:
      setPixel(data, at, value, value, value);
  }
}

function setPixel(data: Uint8Array, at: number, red: number, green: number, blue: number): void {
  data[at] = red;
  data[at + 1] = green;
  data[at + 2] = blue;
}

/** C's round, of numbers that are not negative: half up. */
function half(value: number): number {
  return Math.floor(value + 0.5);
}
