// Dropout behind the projection of the head: each number is 0 with probability p and 1 / (1 - p) otherwise, so that its expectation
// stays what it was.
import type { Feeds } from '../../engines/engine.js';
import type { RandomStream } from '../../random.js';

/** `dropoutMask`, one draw for each number. */
export function dropoutMask(shape: readonly number[], probability: number, stream: RandomStream): Feeds {
  const kept = 1 / (1 - probability);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = stream.uniform() < probability ? 0 : kept;
  return { dropoutMask: { shape, data } };
}
