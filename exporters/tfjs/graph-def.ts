// TensorFlow's GraphDef as JSON, as far as a graph model of ours needs it: nodes with inputs by name and typed
// attributes. 64-bit integers are strings and bytes are base64 there, as in every protocol buffer's JSON.
import { base64 } from '../../graphs/bytes.js';
import type { DType, Shape } from '../../graphs/ir.js';

export type TfDType = 'DT_FLOAT' | 'DT_INT32';

/** TensorFlow.js has no integers of 64 bits: indices are of 32. */
export function typeOf(dtype: DType): TfDType {
  return dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
}

interface TensorShape {
  readonly dim: readonly { readonly size: string }[];
}

export type AttributeValue =
  | { readonly i: string }
  | { readonly f: number }
  | { readonly s: string }
  | { readonly b: boolean }
  | { readonly type: TfDType }
  | { readonly shape: TensorShape }
  | { readonly tensor: { readonly dtype: TfDType; readonly tensorShape: TensorShape } }
  | { readonly list: { readonly i: readonly string[] } | { readonly s: readonly string[] } };
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Attributes;
}

/** One entry of a signature: the tensor that has a public name. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: TfDType;
  readonly tensorShape: TensorShape;
}

export const int = (value: number): AttributeValue => ({ i: String(value) });
export const float = (value: number): AttributeValue => ({ f: value });
export const bool = (value: boolean): AttributeValue => ({ b: value });
export const type = (value: TfDType): AttributeValue => ({ type: value });
export const text = (value: string): AttributeValue => ({ s: base64(value) });
export const ints = (values: readonly number[]): AttributeValue => ({ list: { i: values.map(String) } });
export const texts = (values: readonly string[]): AttributeValue => ({ list: { s: values.map(base64) } });

/** An open dimension is -1. */
export function tensorShape(shape: Shape): TensorShape {
  return { dim: shape.map((size) => ({ size: typeof size === 'number' ? String(size) : '-1' })) };
}
