// Tensors for tests: seeded random ones that keep away from kinks and ties, and comparison with tolerances.
import { expect } from 'vitest';
import { type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import { elementCount } from '../../graphs/shapes.js';
import { openStream } from '../../src/random.js';

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

function drawn(shape: readonly number[], seed: number, draw: (uniform: number) => number): Tensor {
  const stream = openStream(seed, 'test-tensor');
  return tensor(
    shape,
    Array.from({ length: elementCount(shape) }, () => draw(stream.uniform())),
  );
}

/** Uniform in (-1, 1). */
export function random(shape: readonly number[], seed = 1): Tensor {
  return drawn(shape, seed, (u) => 2 * u - 1);
}

/** Uniform in (0.5, 1.5): for divisors and roots. */
export function positive(shape: readonly number[], seed = 1): Tensor {
  return drawn(shape, seed, (u) => u + 0.5);
}

/** Of either sign and at least 0.2 away from zero, where a ReLU has its kink. */
export function awayFromZero(shape: readonly number[], seed = 1): Tensor {
  return drawn(shape, seed, (u) => (u < 0.5 ? u - 0.7 : u - 0.3));
}

/** All elements differ, by 0.05 at least: no ties for a maximum. */
export function distinct(shape: readonly number[], seed = 1): Tensor {
  const count = elementCount(shape);
  const ranks = openStream(seed, 'test-tensor').shuffle(Array.from({ length: count }, (_, i) => i));
  return tensor(
    shape,
    ranks.map((rank) => 0.05 * (rank - count / 2)),
  );
}

/** The value, or an error: for what a test knows to be there. */
export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}

/** Compares shape and elements; a failure says which element departs and by how much. */
export function expectClose(
  actual: Tensor | undefined,
  expected: Tensor,
  { absolute, relative }: Tolerance = { absolute: 1e-12, relative: 1e-12 },
  what = 'result',
): void {
  const found = defined(actual);
  expect(found.shape, `${what}: shape`).toEqual(expected.shape);
  expected.data.forEach((wanted, i) => {
    const got = found.data[i] ?? Number.NaN;
    const allowed = absolute + relative * Math.abs(wanted);
    if (got !== wanted && !(Math.abs(got - wanted) <= allowed))
      throw new Error(`${what}[${i}] is ${got}, expected ${wanted} within ${allowed}`);
  });
}
