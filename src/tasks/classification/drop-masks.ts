// Drop path as the recipe of DARTS has it: while training, each operation of a cell that is no identity is multiplied, for
// each image by itself, by 0 with probability p and by 1 / (1 - p) otherwise, so that its expectation stays what it was.
// In epoch e of E, counted from 0,
//
//   p = largest e / E .
import type { Feeds } from '../../engines/engine.js';
import type { RandomStream } from '../../random.js';

/** The drop probability of an epoch, counted from 0. */
export function dropProbability(largest: number, epoch: number, epochs: number): number {
  return (largest * epoch) / epochs;
}

/** `dropMasks`, f32[paths, images], one draw for each. */
export function dropMasks(paths: number, images: number, probability: number, stream: RandomStream): Feeds {
  const kept = 1 / (1 - probability);
  const data = Float32Array.from({ length: paths * images }, () =>
    stream.uniform() < probability ? 0 : kept,
  );
  return { dropMasks: { shape: [paths, images], data } };
}
