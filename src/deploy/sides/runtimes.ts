// The two ONNX Runtimes: onnxruntime-node on the CPU provider, onnxruntime-web on WASM, as browsers run it. Each is loaded
// when it is first asked for. Their tensors are of different classes with one interface.
import type * as ort from 'onnxruntime-node';
import { floatToHalf, halfToFloat } from '../../../graphs/float16.js';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { GenonnxError } from '../../errors.js';
import type { InputType, Values } from './side.js';

export type RuntimeKind = 'node' | 'web';

/** A tensor as a runtime has it: `type` is what ONNX Runtime calls its element type. */
export interface RuntimeValue extends Tensor {
  readonly type: ort.Tensor.Type;
}

export interface RuntimeSession {
  /** Names of the inputs and outputs are the model's. @throws GenonnxError `model-corrupt` where the runtime fails. */
  run(feeds: ReadonlyMap<string, Tensor | RuntimeValue>): Promise<ReadonlyMap<string, RuntimeValue>>;
  release(): Promise<void>;
}

interface Runtime {
  readonly name: string;
  readonly library: Pick<typeof ort, 'InferenceSession' | 'Tensor'>;
  readonly options: ort.InferenceSession.SessionOptions;
}

const runtimes: { readonly [K in RuntimeKind]: () => Promise<Runtime> } = {
  node: async () => ({ name: runtimeNames.node, library: await import('onnxruntime-node'), options: {} }),
  web: async () => {
    const library = await import('onnxruntime-web');
    // One thread computes the same in every browser, those without shared memory included.
    library.env.wasm.numThreads = 1;
    return { name: runtimeNames.web, library, options: { executionProviders: ['wasm'] } };
  },
};

export const runtimeNames: { readonly [K in RuntimeKind]: string } = {
  node: 'onnxruntime-node',
  web: 'onnxruntime-web',
};

export interface SessionRequest {
  readonly kind: RuntimeKind;
  /** The model's bytes; or its path, which onnxruntime-node alone takes, for weights that lie beside the file. */
  readonly model: Uint8Array | string;
  /** Names the model in messages. */
  readonly where: string;
  readonly optimized: boolean;
}

/** @throws GenonnxError `model-corrupt` when the runtime does not load the model. */
export async function openSession(request: SessionRequest): Promise<RuntimeSession> {
  const { kind, model, where, optimized } = request;
  const { name, library, options } = await runtimes[kind]();
  const refused = (what: string, cause: unknown): GenonnxError =>
    new GenonnxError(
      'model-corrupt',
      `${name} does not ${what} the model.`,
      {
        where,
        found: firstLine(cause),
        cure: 'Export the model again, for operators that this runtime has.',
      },
      { cause },
    );
  const settings: ort.InferenceSession.SessionOptions = {
    logSeverityLevel: 4,
    ...options,
    ...(optimized ? {} : { graphOptimizationLevel: 'disabled' }),
  };
  let session: ort.InferenceSession;
  try {
    const { create } = library.InferenceSession;
    session = typeof model === 'string' ? await create(model, settings) : await create(model, settings);
  } catch (error) {
    throw refused('load', error);
  }
  return {
    async run(feeds) {
      const given = [...feeds].map(([input, value]) => [input, toRuntime(library.Tensor, value)]);
      let results: ort.InferenceSession.OnnxValueMapType;
      try {
        results = await session.run(Object.fromEntries(given));
      } catch (error) {
        throw refused('run', error);
      }
      return new Map(
        Object.entries(results).flatMap(([output, value]) => {
          const read = fromRuntime(value);
          return read === undefined ? [] : [[output, read]];
        }),
      );
    },
    release: () => session.release(),
  };
}

function toRuntime(TensorClass: typeof ort.Tensor, value: Tensor | RuntimeValue): ort.Tensor {
  const { shape, data } = value;
  if ('type' in value && value.type === 'float16')
    return new TensorClass('float16', Uint16Array.from(data, floatToHalf), shape);
  if ('type' in value && value.type === 'int64')
    return new TensorClass('int64', BigInt64Array.from(data, BigInt), shape);
  return new TensorClass('float32', Float32Array.from(data), shape);
}

/** Undefined for strings, and for what is no tensor. */
function fromRuntime(value: ort.OnnxValue): RuntimeValue | undefined {
  if (!('dims' in value)) return undefined;
  const { type, dims, data } = value;
  const numbers = numbersOf(type, data);
  return numbers === undefined ? undefined : { ...tensor(dims, numbers), type };
}

function numbersOf(type: ort.Tensor.Type, data: ort.Tensor.DataType): Iterable<number> | undefined {
  if (Array.isArray(data)) return undefined;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  // Newer versions of Node have an array type for float16: its bits are the same.
  if (type === 'float16')
    return Float64Array.from(new Uint16Array(data.buffer, data.byteOffset, data.length), halfToFloat);
  return data;
}

/** The first line of what a runtime says: the rest is its own stack. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/** Numbers as the inputs take them: indices are whole numbers for a runtime. */
export function typedFeeds(
  feeds: ReadonlyMap<string, Tensor | RuntimeValue>,
  inputs: readonly InputType[],
): ReadonlyMap<string, Tensor | RuntimeValue> {
  const holdsIndices = new Set(
    inputs.flatMap(({ name, indicesBelow }) => (indicesBelow === undefined ? [] : [name])),
  );
  return new Map(
    [...feeds].map(([name, value]) => [name, holdsIndices.has(name) ? { ...value, type: 'int64' } : value]),
  );
}

/** Only the values among `names` that there are. */
export function pick(values: ReadonlyMap<string, RuntimeValue>, names: readonly string[]): Values {
  return new Map(
    names.flatMap((name) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
