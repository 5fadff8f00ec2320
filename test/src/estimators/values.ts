// Numbers for the tests of estimators.
import { openStream } from '../../../src/random.js';

/** `size` numbers, uniform in centre - spread to centre + spread, the same for the same seed. */
export function randomValues(seed: number, size: number, centre: number, spread: number): Float64Array {
  const stream = openStream(seed, 'values');
  return Float64Array.from({ length: size }, () => centre + spread * (2 * stream.uniform() - 1));
}

/** The gradient of `value` at `at` by central differences. */
export function slopes(value: (at: Float64Array) => number, at: Float64Array, step = 1e-5): Float64Array {
  return at.map((x, i) => (value(at.with(i, x + step)) - value(at.with(i, x - step))) / (2 * step));
}
