// Sessions and state, on the thread where ONNX Runtime runs. It knows nothing of graphs: models come as bytes, arrays by
// name. State vectors are double-buffered where the runtime writes into tensors that it is given: a run reads one buffer
// and writes the other, so that nothing is copied.
import type { HostTensor } from '../engine.js';
import type { OrtRuntime, OrtSession, OrtSessionOptions, OrtTensor, OrtTensors } from './runtime.js';

export interface SessionRequest {
  readonly model: Uint8Array;
  readonly threads: number;
  readonly stateInputs: Readonly<Record<string, string>>;
  readonly stateOutputs: Readonly<Record<string, string>>;
  /** Shapes of the state vectors' outputs are known from their sizes; the others are allocated by the runtime. */
  readonly fetches: readonly string[];
  /** One of the fetches: where it is not finite the state stays as it was. */
  readonly guard?: string;
}

interface Slot {
  current: OrtTensor;
  /** Where the next state goes; null where the runtime allocates it. */
  next: OrtTensor | null;
}

interface Loaded {
  readonly session: OrtSession;
  readonly request: Omit<SessionRequest, 'model'>;
  readonly state: number;
}

/** Many allocations of the same sizes come again each step: patterns would double the memory and gain nothing. */
export const sessionOptions = {
  graphOptimizationLevel: 'disabled',
  enableMemPattern: false,
  executionMode: 'sequential',
  logSeverityLevel: 3,
} as const satisfies OrtSessionOptions;

export interface HostOptions {
  /**
   * Whether a run writes its outputs into tensors that it is given for them, as onnxruntime-node does. onnxruntime-web
   * takes such tensors, too, but leaves those on the host as they were.
   */
  readonly fillsOutputs: boolean;
  /** Where sessions run, the first before the others. Default: the processor. */
  readonly executionProviders?: readonly string[];
  /** How the names of profiles begin, which sessions then write when they are let go of. They run more slowly. */
  readonly profileFilePrefix?: string;
}

/** Holds the sessions and the state of an engine, beside the runtime that it is given. */
export class OrtHost {
  readonly #states: Map<string, Slot>[] = [];
  readonly #sessions: (Loaded | undefined)[] = [];

  constructor(
    private readonly ort: OrtRuntime,
    private readonly options: HostOptions,
  ) {}

  createState(layout: Readonly<Record<string, number>>): number {
    const slots = new Map<string, Slot>();
    for (const [name, size] of Object.entries(layout)) {
      const next = this.options.fillsOutputs ? this.#vector(size) : null;
      slots.set(name, { current: this.#vector(size), next });
    }
    return this.#states.push(slots) - 1;
  }

  readState(state: number, name: string): Float32Array {
    return Float32Array.from(floatsOf(this.#slot(state, name).current));
  }

  writeState(state: number, name: string, data: Float32Array): void {
    const target = floatsOf(this.#slot(state, name).current);
    if (target.length !== data.length)
      throw new RangeError(`${name} holds ${target.length} values, not ${data.length}`);
    target.set(data);
  }

  async load({ model, ...request }: SessionRequest, state: number): Promise<number> {
    const { executionProviders, profileFilePrefix } = this.options;
    const session = await this.ort.InferenceSession.create(model, {
      ...sessionOptions,
      ...(executionProviders === undefined ? {} : { executionProviders }),
      ...(profileFilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix }),
      intraOpNumThreads: request.threads,
      interOpNumThreads: 1,
    });
    return this.#sessions.push({ session, request, state }) - 1;
  }

  async run(id: number, feeds: Readonly<Record<string, HostTensor>>): Promise<Record<string, HostTensor>> {
    const loaded = this.#sessions[id];
    if (loaded === undefined) throw new RangeError(`no session ${id}`);
    const { request, session, state } = loaded;
    const inputs: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(feeds)) inputs[name] = toOrt(this.ort, tensor);
    for (const [input, name] of Object.entries(request.stateInputs))
      inputs[input] = this.#slot(state, name).current;
    const fetches: Record<string, OrtTensor | null> = {};
    for (const name of request.fetches) fetches[name] = null;
    for (const [output, name] of Object.entries(request.stateOutputs))
      fetches[output] = this.#slot(state, name).next;
    const results = await session.run(inputs, fetches);
    const { guard } = request;
    if (guard === undefined || Number.isFinite(Number(results[guard]?.data[0]))) {
      for (const [output, name] of Object.entries(request.stateOutputs)) {
        const slot = this.#slot(state, name);
        const { current, next } = slot;
        slot.current = next ?? outputOf(results, output);
        if (next !== null) slot.next = current;
      }
    }
    return Object.fromEntries(request.fetches.map((name) => [name, fromOrt(outputOf(results, name), name)]));
  }

  async unload(id: number): Promise<void> {
    const loaded = this.#sessions[id];
    this.#sessions[id] = undefined;
    if (this.options.profileFilePrefix !== undefined) loaded?.session.endProfiling?.();
    await loaded?.session.release();
  }

  /** Lets go of all that it holds. */
  async close(): Promise<void> {
    for (const id of this.#sessions.keys()) await this.unload(id);
    this.#states.length = 0;
  }

  #slot(state: number, name: string): Slot {
    const slot = this.#states[state]?.get(name);
    if (slot === undefined) throw new RangeError(`no state ${name}`);
    return slot;
  }

  #vector(size: number): OrtTensor {
    return new this.ort.Tensor('float32', new Float32Array(size), [size]);
  }
}

function outputOf(results: OrtTensors, name: string): OrtTensor {
  const tensor = results[name];
  if (tensor === undefined) throw new RangeError(`no output ${name}`);
  return tensor;
}

function floatsOf(tensor: OrtTensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`${tensor.type} instead of float32`);
  return tensor.data;
}

/** A tensor of the runtime over the same array. */
export function toOrt({ Tensor }: OrtRuntime, { shape, data }: HostTensor): OrtTensor {
  if (data instanceof Float32Array) return new Tensor('float32', data, shape);
  if (data instanceof BigInt64Array) return new Tensor('int64', data, shape);
  return new Tensor('bool', data, shape);
}

function fromOrt({ type, dims, data }: OrtTensor, name: string): HostTensor {
  if (!(data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array)) {
    throw new TypeError(`output ${name} is ${type}`);
  }
  return { shape: dims, data };
}
