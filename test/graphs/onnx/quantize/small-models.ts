// Small float models as a stranger might write them, and the sessions that run them.

import ort from 'onnxruntime-node';
import type * as onnx from '../../../../graphs/onnx/proto.js';
import { proto } from '../../../../graphs/onnx/proto.js';
import { present } from '../../../support/run-onnx.js';

const { FLOAT } = proto.TensorProto.DataType;

export interface Weight {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** `opType`, inputs, output, attributes: lists of integers, one, or a word. */
export type Step = readonly [
  string,
  readonly string[],
  string,
  Readonly<Record<string, number | string | readonly number[]>>?,
];

/** A model of f32 `x` and f32 `y`, with its weights as initializers; lists of int64 are written as such. */
export function modelOf(
  shape: readonly (number | string)[],
  steps: readonly Step[],
  weights: Readonly<Record<string, Weight | readonly bigint[]>> = {},
  opset = 17,
): onnx.ModelProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return proto.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'small',
      node: steps.map(([opType, input, output, attributes = {}]) => ({
        opType,
        name: output,
        input: [...input],
        output: [output],
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      })),
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: Object.entries(weights).map(([name, weight]) =>
        'shape' in weight
          ? { name, dims: [...weight.shape], dataType: FLOAT, floatData: [...weight.data] }
          : { name, dims: [weight.length], dataType: 7, int64Data: weight.map(Number) },
      ),
    },
  });
}

function attributeOf(name: string, value: number | string | readonly number[]): onnx.IAttributeProto {
  const { INT, STRING, INTS } = proto.AttributeProto.AttributeType;
  if (typeof value === 'number') return { name, type: INT, i: value };
  if (typeof value === 'string') return { name, type: STRING, s: new TextEncoder().encode(value) };
  return { name, type: INTS, ints: [...value] };
}

export function bytesOf(model: onnx.ModelProto): Uint8Array {
  return proto.ModelProto.encode(model).finish();
}

/** What a model yields for `x`. */
export async function run(
  model: onnx.ModelProto | Uint8Array,
  shape: readonly number[],
  data: Iterable<number>,
  options: ort.InferenceSession.SessionOptions = {},
): Promise<number[]> {
  const bytes = model instanceof Uint8Array ? model : bytesOf(model);
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
    ...options,
  });
  const feeds = {
    [session.inputNames[0] ?? '']: new ort.Tensor('float32', Float32Array.from(data), [...shape]),
  };
  const found = await session.run(feeds);
  const output: ArrayLike<unknown> = present(found[session.outputNames[0] ?? '']).data;
  await session.release();
  return Array.from(output, Number);
}

/** Operators of a model, or of what the runtime makes of it, with how often each occurs. */
export function operators(model: onnx.ModelProto): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of model.graph?.node ?? []) counts[opType ?? ''] = (counts[opType ?? ''] ?? 0) + 1;
  return counts;
}
