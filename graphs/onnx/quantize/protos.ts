// The protobuf pieces that quantization puts into a model.
import type * as onnx from '../proto.js';
import { proto } from '../proto.js';

const { DataType } = proto.TensorProto;

export function reals(name: string, dims: readonly number[], values: Float32Array): onnx.ITensorProto {
  return { name, dims: [...dims], dataType: DataType.FLOAT, rawData: bytesOf(values) };
}

export function integers(
  name: string,
  dims: readonly number[],
  values: Uint8Array | Int8Array | Int32Array,
): onnx.ITensorProto {
  const dataType =
    values instanceof Uint8Array
      ? DataType.UINT8
      : values instanceof Int8Array
        ? DataType.INT8
        : DataType.INT32;
  return { name, dims: [...dims], dataType, rawData: bytesOf(values) };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A node named after what it yields, with integers as attributes. */
export function quantizerNode(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>> = {},
): onnx.INodeProto {
  const { INT } = proto.AttributeProto.AttributeType;
  const attribute = Object.entries(attributes).map(([name, i]) => ({ name, type: INT, i }));
  return { opType, name: output, input: [...input], output: [output], attribute };
}

/** Name, element type and shape of a value. */
export function describe(name: string, elemType: number, shape: readonly number[]): onnx.IValueInfoProto {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
