// Comparison of what a runtime computed with what was expected. A difference is measured against one tolerance for the
// whole tensor, since rounding errors are of the size of the largest terms that were added up, not of each result:
//
//   |found - expected| <= absolute + relative max |expected|
import type { Tensor } from '../../graphs/interpret/interpret.js';

export const tolerance = { absolute: 1e-5, relative: 1e-4 } as const;

export interface Worst {
  /** Row-major index of the element that differs most. */
  readonly element: number;
  /** Infinite where one of the two is not a number or is missing. */
  readonly difference: number;
  /** In units of the tolerance: at most 1 is agreement. */
  readonly ofTolerance: number;
}

export function worstElement(expected: Float64Array, found: Float32Array): Worst {
  let largest = 0;
  let element = 0;
  let difference = expected.length === found.length ? 0 : Number.POSITIVE_INFINITY;
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    const departs = Math.abs(value - (found[i] ?? Number.NaN));
    // Written so that NaN counts as the worst.
    if (!(departs <= difference)) {
      difference = Number.isNaN(departs) ? Number.POSITIVE_INFINITY : departs;
      element = i;
    }
  });
  const allowed = tolerance.absolute + tolerance.relative * largest;
  return { element, difference, ofTolerance: difference / allowed };
}

/** Share of the rows of [batch, classes] whose first largest element is the same on both sides. */
export function topOneAgreement({ shape: [batch = 1], data }: Tensor, found: Float32Array): number {
  const classes = data.length / batch;
  let agreeing = 0;
  for (let i = 0; i < batch; i++) {
    const range = [i * classes, (i + 1) * classes] as const;
    if (largestAt(data.subarray(...range)) === largestAt(found.subarray(...range))) agreeing += 1;
  }
  return agreeing / batch;
}

function largestAt(values: Float64Array | Float32Array): number {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] ?? 0)) best = i;
  });
  return best;
}
