// A tensor of PyTorch: a view of a storage. The element of index (i, j, ...) is the storage's element number
//   offset + i stride_0 + j stride_1 + ...
// so that several tensors may share a storage, transposed or sliced.
import { bfloat16ToFloat, halfToFloat } from '../../../graphs/float16.js';
import { elementCount } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import { roundToFloat32 } from './round.js';

/** Those that weights have. */
export const FLOAT_DTYPES = ['float64', 'float32', 'float16', 'bfloat16'] as const;
export type FloatDtype = (typeof FLOAT_DTYPES)[number];

export const TORCH_DTYPES = [...FLOAT_DTYPES, 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const;
export type TorchDtype = (typeof TORCH_DTYPES)[number];

export const elementBytes: { readonly [D in TorchDtype]: number } = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

export interface Storage {
  readonly kind: 'storage';
  /** Its entry in the file. */
  readonly key: string;
  /** Of its elements; undefined for bytes that each tensor reads as its own type. */
  readonly dtype: TorchDtype | undefined;
  readonly byteLength: number;
}

export interface TorchTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  readonly dtype: TorchDtype;
  /** In elements, as the strides are. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** @throws GenonnxError `file-corrupt` for a view of elements that the storage has not. */
export function requireInside(tensor: TorchTensor, where: string): void {
  const { shape, strides, offset, dtype, storage } = tensor;
  const whole = [offset, ...shape, ...strides].every((value) => Number.isSafeInteger(value) && value >= 0);
  const stored = Math.floor(storage.byteLength / elementBytes[dtype]);
  const size = whole && shape.length === strides.length ? elementCount(shape) : Number.NaN;
  const last =
    size === 0 ? offset - 1 : shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), offset);
  // More elements than the storage has are copies of the same ones: nobody's weights, but anybody's gigabytes.
  if (size <= stored && last < stored) return;
  throw new GenonnxError('file-corrupt', 'A tensor does not lie in its storage.', {
    where,
    expected: `a view of ${stored} elements`,
    found: `shape [${shape}], strides [${strides}], offset ${offset}`,
    cure: 'Save the tensor as one of its own: tensor.contiguous().',
  });
}

/** Elements of a storage's bytes, from `first` on, as numbers. */
const readers: {
  readonly [D in FloatDtype]: (copy: ArrayBuffer) => Float32Array | Float64Array;
} = {
  float64: (copy) => new Float64Array(copy),
  float32: (copy) => new Float32Array(copy),
  float16: (copy) => Float32Array.from(new Uint16Array(copy), halfToFloat),
  bfloat16: (copy) => bfloat16ToFloat(new Uint16Array(copy)),
};

/**
 * The tensor's elements in row-major order. float16 and bfloat16 become float32 exactly, float64 is rounded.
 * @param tensor `requireInside` has seen it.
 * @param bytes the storage's.
 * @throws GenonnxError `weights-mismatch` for a number that float32 does not have.
 */
export function floatsOf(
  { shape, strides, offset }: TorchTensor,
  dtype: FloatDtype,
  bytes: Uint8Array,
  where: string,
): Float32Array {
  const size = elementCount(shape);
  if (size === 0) return new Float32Array(0);
  const last = shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] ?? 0), offset);
  const width = elementBytes[dtype];
  // A copy: aligned, and independent of the file's bytes.
  const elements = readers[dtype](new Uint8Array(bytes.subarray(offset * width, (last + 1) * width)).buffer);
  const ordered = isRowMajor(shape, strides) ? elements : gathered(elements, shape, strides, size);
  return ordered instanceof Float32Array ? ordered : roundToFloat32(ordered, where);
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Counts through the indices as an odometer does, and keeps the place in the storage. */
function gathered<T extends Float32Array | Float64Array>(
  elements: T,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
): Float32Array | Float64Array {
  const result = elements instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
  const index = shape.map(() => 0);
  let place = 0;
  for (let at = 0; at < size; at++) {
    result[at] = elements[place] ?? 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [next, stride] = [(index[axis] ?? 0) + 1, strides[axis] ?? 0];
      if (next < (shape[axis] ?? 1)) {
        index[axis] = next;
        place += stride;
        break;
      }
      index[axis] = 0;
      place -= (next - 1) * stride;
    }
  }
  return result;
}
