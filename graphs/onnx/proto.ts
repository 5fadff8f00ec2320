// ONNX's protobuf messages, as far as they are read and written here, and onnx-proto behind them. The types are our own:
// onnx-proto's name a global `Long` that its package does not declare, and whoever compiles against this package would have to.
// They are called what onnx-proto calls them: `I...` is what may be written, the plain name what was decoded.

// It is a CommonJS module: its classes come with the default import.
import onnxProto from 'onnx-proto';

/** An int64: a number when it is written; when it was decoded, an object that `Number` understands. */
export type Int64 = number | { toNumber(): number };

export interface IModelProto {
  irVersion?: Int64 | null;
  opsetImport?: IOperatorSetIdProto[] | null;
  producerName?: string | null;
  producerVersion?: string | null;
  graph?: IGraphProto | null;
  metadataProps?: IStringStringEntryProto[] | null;
}

export interface ModelProto extends IModelProto {
  irVersion: Int64;
  opsetImport: IOperatorSetIdProto[];
  producerName: string;
  producerVersion: string;
  metadataProps: IStringStringEntryProto[];
}

export interface IOperatorSetIdProto {
  domain?: string | null;
  version?: Int64 | null;
}

export interface IStringStringEntryProto {
  key?: string | null;
  value?: string | null;
}

export interface IGraphProto {
  name?: string | null;
  node?: INodeProto[] | null;
  input?: IValueInfoProto[] | null;
  output?: IValueInfoProto[] | null;
  initializer?: ITensorProto[] | null;
  valueInfo?: IValueInfoProto[] | null;
}

export interface INodeProto {
  name?: string | null;
  opType?: string | null;
  domain?: string | null;
  input?: string[] | null;
  output?: string[] | null;
  attribute?: IAttributeProto[] | null;
}

export interface IAttributeProto {
  name?: string | null;
  /** One of `proto.AttributeProto.AttributeType`. */
  type?: number | null;
  f?: number | null;
  i?: Int64 | null;
  s?: Uint8Array | null;
  t?: ITensorProto | null;
  g?: IGraphProto | null;
  floats?: number[] | null;
  ints?: Int64[] | null;
  strings?: Uint8Array[] | null;
  tensors?: ITensorProto[] | null;
  graphs?: IGraphProto[] | null;
}

export interface ITensorProto {
  name?: string | null;
  dims?: Int64[] | null;
  /** One of `proto.TensorProto.DataType`. */
  dataType?: number | null;
  rawData?: Uint8Array | null;
  floatData?: number[] | null;
  int32Data?: number[] | null;
  int64Data?: Int64[] | null;
  doubleData?: number[] | null;
  uint64Data?: Int64[] | null;
  stringData?: Uint8Array[] | null;
  /** One of `proto.TensorProto.DataLocation`. */
  dataLocation?: number | null;
  externalData?: IStringStringEntryProto[] | null;
}

export interface IValueInfoProto {
  name?: string | null;
  type?: ITypeProto | null;
}

export interface ITypeProto {
  tensorType?: ITensorType | null;
  sequenceType?: object | null;
}

export interface ITensorType {
  /** One of `proto.TensorProto.DataType`. */
  elemType?: number | null;
  shape?: ITensorShapeProto | null;
}

export interface ITensorShapeProto {
  dim?: IDimension[] | null;
}

export interface IDimension {
  dimValue?: Int64 | null;
  dimParam?: string | null;
}

/** A message's own functions, as protobufjs makes them. */
interface Codec<Written, Decoded> {
  encode(message: Written): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Decoded;
  fromObject(message: Written): Decoded;
}

/** An enumeration of protobuf: numbers by name, and names by number. */
type Enumeration<Name extends string> = { readonly [N in Name]: number } & {
  readonly [number: number]: string;
};

type DataTypeName =
  | 'UNDEFINED'
  | 'FLOAT'
  | 'UINT8'
  | 'INT8'
  | 'UINT16'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'STRING'
  | 'BOOL'
  | 'FLOAT16'
  | 'DOUBLE'
  | 'UINT32'
  | 'UINT64'
  | 'COMPLEX64'
  | 'COMPLEX128'
  | 'BFLOAT16';

type AttributeTypeName = 'FLOAT' | 'INT' | 'STRING' | 'TENSOR' | 'GRAPH' | 'FLOATS' | 'INTS' | 'STRINGS';

interface OnnxProto {
  readonly ModelProto: Codec<IModelProto, ModelProto>;
  readonly TensorProto: {
    readonly DataType: Enumeration<DataTypeName>;
    readonly DataLocation: Enumeration<'DEFAULT' | 'EXTERNAL'>;
  };
  readonly AttributeProto: { readonly AttributeType: Enumeration<AttributeTypeName> };
}

export const proto: OnnxProto = onnxProto.onnx;
