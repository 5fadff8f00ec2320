// float64 to float32: the one conversion of weights that loses something.
import { GenonnxError } from '../../errors.js';

/** The nearest float32 numbers. @throws GenonnxError `weights-mismatch` for a number beyond those of float32. */
export function roundToFloat32(values: Float64Array, where: string): Float32Array {
  const rounded = Float32Array.from(values);
  const lost = rounded.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]));
  if (lost < 0) return rounded;
  throw new GenonnxError('weights-mismatch', 'A weight is too large for float32.', {
    where,
    expected: 'at most 3.4e38',
    found: String(values[lost]),
    cure: 'Look at the training: numbers of this size are no weights.',
  });
}
