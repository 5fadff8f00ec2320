// What is known of the values of a model without running it: shapes, and the numbers of small tensors, which shapes are
// calculated from.
import * as onnx from '../proto.js';

const { DataType, DataLocation } = onnx.proto.TensorProto;

export interface Known {
  readonly shape: readonly number[];
  /** Of a small tensor of whole numbers or truths, row-major, where they can be followed. */
  readonly values?: readonly number[] | undefined;
  /** Of a small float32 constant. */
  readonly reals?: readonly number[] | undefined;
}

/** Why something is not known, in words. */
export class NotKnown extends Error {}

/** More numbers than this are no shapes. */
export const mostValues = 1024;

/** The shape of a tensor, and its numbers if they are few. */
export function knownTensor(tensor: onnx.ITensorProto): Known {
  const shape = (tensor.dims ?? []).map(Number);
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size > mostValues || tensor.dataLocation === DataLocation.EXTERNAL) return { shape };
  const numbers = numbersIn(tensor);
  if (numbers?.length !== size) return { shape };
  return tensor.dataType === DataType.FLOAT ? { shape, reals: numbers } : { shape, values: numbers };
}

function numbersIn(tensor: onnx.ITensorProto): number[] | undefined {
  const { dataType, rawData, floatData, int32Data, int64Data } = tensor;
  if (!rawData?.length) {
    if (dataType === DataType.INT64) return (int64Data ?? []).map(Number);
    if (dataType === DataType.INT32 || dataType === DataType.BOOL) return [...(int32Data ?? [])];
    return dataType === DataType.FLOAT ? [...(floatData ?? [])] : undefined;
  }
  // A copy: aligned.
  const { buffer } = Uint8Array.from(rawData);
  const isWhole = (width: number): boolean => buffer.byteLength % width === 0;
  if (dataType === DataType.INT64 && isWhole(8)) return Array.from(new BigInt64Array(buffer), Number);
  if (dataType === DataType.INT32 && isWhole(4)) return [...new Int32Array(buffer)];
  if (dataType === DataType.FLOAT && isWhole(4)) return [...new Float32Array(buffer)];
  return dataType === DataType.BOOL ? [...new Uint8Array(buffer)] : undefined;
}
