// Scenes that are composed of small pictures of single things, for segmentation without a download: on a dark, noisy canvas lie
// one to four of them, and every pixel of one is of its class. They show that a training works and what its reports look like,
// not how hard photographs are.
import type { RandomStream } from '../../src/random.js';
import type { ImageSet } from '../dataset.js';
import { NO_CLASS } from './palette.js';

/** Height and width of a scene. */
export const SCENE_SIZE = 64;

/** Brighter pixels of a thing are the thing; whatever is darker, and the canvas, is background. */
const threshold = 0.15;
const mostThings = 4;
const scales = { least: 0.75, most: 1.25 } as const;

/** u8[count, 64, 64] both. */
export interface Scenes {
  readonly pixels: Uint8Array;
  readonly masks: Uint8Array;
}

/**
 * Composes `count` scenes of the grey pictures of `things`, class k of which is class k + 1 of the masks. Of each scene are drawn,
 * in this order: every pixel of the canvas, uniform in (0, 0.15); how many things; and of each thing which it is, its scale, and
 * its top and left, all uniform. Later things lie above earlier ones; a rim of one pixel around each is of no class.
 */
export function composeScenes(things: ImageSet, count: number, stream: RandomStream): Scenes {
  const size = SCENE_SIZE * SCENE_SIZE;
  const scenes = { pixels: new Uint8Array(count * size), masks: new Uint8Array(count * size) };
  for (let scene = 0; scene < count; scene++) {
    const pixels = Float64Array.from({ length: size }, () => threshold * stream.uniform());
    const mask = scenes.masks.subarray(scene * size, (scene + 1) * size);
    const many = 1 + stream.integer(mostThings);
    for (let thing = 0; thing < many; thing++) lay(things, pixels, mask, stream);
    pixels.forEach((value, at) => {
      scenes.pixels[scene * size + at] = Math.round(255 * value);
    });
  }
  return scenes;
}

/** Lays one thing onto a scene. */
function lay(things: ImageSet, pixels: Float64Array, mask: Uint8Array, stream: RandomStream): void {
  const index = stream.integer(things.count);
  const scale = scales.least + (scales.most - scales.least) * stream.uniform();
  const height = Math.round(scale * things.height);
  const width = Math.round(scale * things.width);
  const top = stream.integer(SCENE_SIZE - height + 1);
  const left = stream.integer(SCENE_SIZE - width + 1);
  const values = scaled(things, index, height, width);
  const label = (things.labels[index] ?? 0) + 1;
  const isThing = (y: number, x: number): boolean =>
    y >= 0 && x >= 0 && y < height && x < width && (values[y * width + x] ?? 0) > threshold;
  for (let y = -1; y <= height; y++) {
    for (let x = -1; x <= width; x++) {
      const [down, right] = [top + y, left + x];
      if (down < 0 || right < 0 || down >= SCENE_SIZE || right >= SCENE_SIZE) continue;
      const at = down * SCENE_SIZE + right;
      if (isThing(y, x)) {
        mask[at] = label;
        pixels[at] = values[y * width + x] ?? 0;
      } else if (neighbours.some(([dy, dx]) => isThing(y + dy, x + dx))) mask[at] = NO_CLASS;
    }
  }
}

const neighbours = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const));

/** One picture at another size, f64[height, width] of intensities, by bilinear interpolation between the centres of pixels. */
function scaled(
  { images, height: rows, width: columns }: ImageSet,
  index: number,
  height: number,
  width: number,
) {
  const from = index * rows * columns;
  const value = (y: number, x: number): number => (images[from + y * columns + x] ?? 0) / 255;
  const ys = places(height, rows);
  const xs = places(width, columns);
  return Float64Array.from({ length: height * width }, (_, at) => {
    const y = ys[Math.floor(at / width)] ?? origin;
    const x = xs[at % width] ?? origin;
    const upper = (1 - x.share) * value(y.first, x.first) + x.share * value(y.first, x.second);
    const lower = (1 - x.share) * value(y.second, x.first) + x.share * value(y.second, x.second);
    return (1 - y.share) * upper + y.share * lower;
  });
}

interface Place {
  readonly first: number;
  readonly second: number;
  /** Of the second. */
  readonly share: number;
}

const origin: Place = { first: 0, second: 0, share: 0 };

/** Which two of `from` pixels each of `to` lies between: at (o + 1/2) from / to - 1/2, and inside. */
function places(to: number, from: number): Place[] {
  return Array.from({ length: to }, (_, o) => {
    const at = Math.max(((o + 0.5) * from) / to - 0.5, 0);
    const first = Math.min(Math.floor(at), from - 1);
    return { first, second: Math.min(first + 1, from - 1), share: at - first };
  });
}
