// Comparison of what was found with what was expected. A difference is measured against one tolerance for the whole tensor,
// since rounding errors are of the size of the largest terms that were added up, not of each result:
//
//   |found - expected| <= absolute + relative max |expected|
import type { Tensor } from '../../graphs/interpret/interpret.js';
import type { Precision } from '../../graphs/onnx/emitter.js';

export interface Tolerance {
  readonly absolute: number;
  /** Of the tensor's largest value. */
  readonly relative: number;
}

/**
 * For the outputs of a network. A float16 is rounded by up to 2^-11 = 5e-4 of itself, after each of the 60 to 100 layers
 * that lie one behind the other in a network of 20 cells; independent errors add up like a random walk, to 5e-3 of the
 * largest value where they all have the same weight. Four times that is allowed: networks that normalise by small
 * variances magnify what is rounded before, and a wrong weight that matters moves the outputs further.
 */
export const outputTolerance: { readonly [P in Precision]: Tolerance } = {
  float32: { absolute: 1e-5, relative: 1e-4 },
  float16: { absolute: 1e-5, relative: 2e-2 },
};

/**
 * For one operation by itself, where both sides begin with the same operands: nothing has accumulated. The sums of a
 * convolution round by 1e-6 of the largest result and less in float32, those in float16 by 1e-3: ten and five times that
 * is allowed. An absolute part would hide errors in tensors of small values; it only covers what one side flushes to zero,
 * being too small for the type.
 */
export const operationTolerance: { readonly [P in Precision]: Tolerance } = {
  float32: { absolute: 1e-30, relative: 1e-5 },
  float16: { absolute: 1e-6, relative: 5e-3 },
};

/** The element that differs most, and by how much. */
export interface Worst {
  /** Row-major index. */
  readonly element: number;
  /** The index along each axis. */
  readonly position: readonly number[];
  readonly expected: number;
  readonly found: number;
  /** Absolute; infinite where one of the two is not a number, or both are the same infinity. */
  readonly difference: number;
  /** In units of the tolerance: at most 1 is agreement. */
  readonly ofTolerance: number;
}

/** Both tensors have the same number of elements. */
export function worstElement(expected: Tensor, found: Tensor, { absolute, relative }: Tolerance): Worst {
  let largest = 0;
  let element = 0;
  let difference = 0;
  expected.data.forEach((value, i) => {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    const departs = Math.abs(value - (found.data[i] ?? Number.NaN));
    // Written so that NaN counts as the worst.
    if (!(departs <= difference)) {
      difference = Number.isNaN(departs) ? Number.POSITIVE_INFINITY : departs;
      element = i;
    }
  });
  return {
    element,
    position: positionOf(element, expected.shape),
    expected: expected.data[element] ?? Number.NaN,
    found: found.data[element] ?? Number.NaN,
    difference,
    ofTolerance: difference / (absolute + relative * largest),
  };
}

function positionOf(element: number, shape: readonly number[]): number[] {
  let rest = element;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .reverse();
}

/**
 * Logits with a row for each image, word or pixel: f32[batch, classes], f32[batch, sequence, words] or f32[batch, classes, H, W] as
 * f32[rows, classes].
 */
export function logitRows({ shape, data }: Tensor): Tensor {
  const [batch = 1, classes = 1, height = 1, width = 1] = shape;
  if (shape.length !== 4) {
    const last = shape.at(-1) ?? 1;
    return { shape: [data.length / last, last], data };
  }
  const pixels = height * width;
  const rows = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [map, pixel] = [Math.floor(i / pixels), i % pixels];
    const [image, k] = [Math.floor(map / classes), map % classes];
    rows[(image * pixels + pixel) * classes + k] = data[i] ?? Number.NaN;
  }
  return { shape: [batch * pixels, classes], data: rows };
}

/**
 * Share of the rows of [batch, classes] whose first largest element is the same on both sides; null for other shapes. A
 * row with something that is not a number agrees with none.
 */
export function topOneAgreement(expected: Tensor, found: Tensor): number | null {
  const [batch = 0, classes = 0] = expected.shape;
  if (expected.shape.length !== 2 || batch === 0) return null;
  let agreeing = 0;
  for (let i = 0; i < batch; i++) {
    const range = [i * classes, (i + 1) * classes] as const;
    if (largestAt(expected.data.subarray(...range)) === largestAt(found.data.subarray(...range)))
      agreeing += 1;
  }
  return agreeing / batch;
}

/** Itself not a number where a value is none. */
function largestAt(values: Float64Array): number {
  if (values.some(Number.isNaN)) return Number.NaN;
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] ?? 0)) best = i;
  });
  return best;
}
