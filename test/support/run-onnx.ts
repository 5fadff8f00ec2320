// Runs what the lowering writes in ONNX Runtime, and checks on the way that the model is well formed.
import ort from 'onnxruntime-node';
import { expect } from 'vitest';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import type { DType, Graph } from '../../graphs/ir.js';
import { checkModel } from '../../graphs/onnx/check.js';
import { type LowerOptions, lowerToOnnx } from '../../graphs/onnx/lower.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { defined } from './tensors.js';

export type OptimizationLevel = 'disabled' | 'all';

export interface OnnxRun extends Partial<LowerOptions> {
  readonly level?: OptimizationLevel;
  /** Whether every value of the model must have a shape. */
  readonly shapes?: boolean;
}

/** Lowers a graph (portable unless another layout is given) and runs it; inputs are fed by path. */
export async function runOnnx(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  { level = 'disabled', shapes = false, ...options }: OnnxRun = {},
): Promise<Record<string, Tensor>> {
  const { bytes } = lowerToOnnx(graph, {
    layout: { kind: 'portable' },
    name: 'test',
    naming: 'readable',
    ...options,
  });
  expect(checkModel(decodeModel(bytes), { shapes })).toEqual([]);
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: level,
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const fed = graph.inputs
      .filter((value) => !options.constants?.has(value))
      .map(({ path, dtype }) => [path, toRuntime(defined(feeds[path]), dtype)]);
    const results = await session.run(Object.fromEntries(fed));
    return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, fromRuntime(result)]));
  } finally {
    await session.release();
  }
}

function toRuntime({ shape, data }: Tensor, dtype: DType): ort.Tensor {
  if (dtype === 'float32') return new ort.Tensor('float32', Float32Array.from(data), shape);
  if (dtype === 'int64') return new ort.Tensor('int64', BigInt64Array.from(data, BigInt), shape);
  return new ort.Tensor('bool', Uint8Array.from(data), shape);
}

function fromRuntime({ dims, data }: ort.Tensor): Tensor {
  const values: ArrayLike<unknown> = data;
  return { shape: [...dims], data: Float64Array.from(Array.from(values, Number)) };
}

/** A part of a decoded model that a test knows to be there: protobuf types allow null too. */
export function present<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error('expected a part of the model');
  return value;
}
