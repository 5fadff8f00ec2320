// The TensorFlow.js engine: evaluates programs node by node with the kernels of whatever backend was loaded, on the
// calling thread. State stays on the device; the feeds and the fetches cross, nothing else does, and nothing is read in
// the middle of a step.
import { bodiesOf } from '../../../graphs/bodies.js';
import type { Graph, Value } from '../../../graphs/ir.js';
import { liveBytes } from '../../../graphs/live-bytes.js';
import type { Program, StateLayout } from '../../../graphs/program.js';
import { elementCount, fixedShape, sameShape, shapeText } from '../../../graphs/shapes.js';
import { GenonnxError } from '../../errors.js';
import type { Engine, EngineState, Feeds, Fetches, HostTensor, PreparedProgram } from '../engine.js';
import { gatesOf } from '../gates-of.js';
import { Device } from './device.js';
import { evaluate, type Input, startRun } from './evaluate.js';
import { kernelFailure } from './failure.js';
import { dispose, type Handle, Stored } from './handle.js';
import { type LoadedTfjs, type LoadOptions, loadTfjs } from './load.js';
import { PlansBySize } from './plans-by-size.js';
import { Queue } from './queue.js';
import type { DeviceTensor } from './tfjs.js';

/** Loads TensorFlow.js and makes an engine of it. @throws GenonnxError `engine` when it cannot be loaded. */
export async function openTfjsEngine(options: LoadOptions = {}): Promise<Engine> {
  return createTfjsEngine(await loadTfjs(options));
}

export function createTfjsEngine({ tf, found }: LoadedTfjs): Engine {
  const device = new Device(tf);
  const queue = new Queue();
  const owned = new Set<{ release(): void }>();
  return {
    description: found.description,
    createState: (layout) =>
      queue.add(async () => {
        const state = new TfjsState(device, queue, layout);
        owned.add(state);
        return state;
      }),
    prepare: (program, state) =>
      queue.add(async () => {
        if (!(state instanceof TfjsState) || state.device !== device)
          throw new GenonnxError('engine', 'The state belongs to another engine.', {
            cure: 'Read it there and write it to a state of this engine.',
          });
        const forget = (): unknown => owned.delete(prepared);
        const prepared: TfjsProgram = new TfjsProgram(program, state, device, queue, forget);
        owned.add(prepared);
        return prepared;
      }),
    dispose: async () => {
      await queue.close();
      for (const item of owned) item.release();
      owned.clear();
      device.dispose();
    },
  };
}

class TfjsState implements EngineState {
  readonly #tensors = new Map<string, DeviceTensor>();

  constructor(
    readonly device: Device,
    readonly queue: Queue,
    layout: StateLayout,
  ) {
    for (const [name, size] of Object.entries(layout))
      this.#tensors.set(name, device.upload(new Float32Array(size), [size]));
  }

  tensor(name: string): DeviceTensor {
    const found = this.#tensors.get(name);
    if (found === undefined)
      throw new GenonnxError('engine', 'The engine has no such state.', {
        found: name,
        expected: [...this.#tensors.keys()].join(', '),
      });
    return found;
  }

  /** The tensor becomes the state's. */
  replace(name: string, tensor: DeviceTensor): void {
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, tensor);
  }

  read(name: string): Promise<Float32Array> {
    return this.queue.add(async () => Float32Array.from(await this.tensor(name).data(), Number));
  }

  write(name: string, data: Float32Array): Promise<void> {
    return this.queue.add(async () => {
      const { size } = this.tensor(name);
      if (data.length !== size)
        throw new GenonnxError('engine', 'A state has another size.', {
          expected: `${size} values`,
          found: `${name} holds ${size} values, not ${data.length}`,
        });
      this.replace(name, this.device.upload(Float32Array.from(data), [size]));
    });
  }

  release(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}

class TfjsProgram implements PreparedProgram {
  readonly loweringMs: number;
  readonly sessionMs: number;
  readonly nodes: number;
  readonly #plans: PlansBySize;
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly state: TfjsState,
    readonly device: Device,
    readonly queue: Queue,
    /** The engine need not remember it any longer. */
    readonly forget: () => unknown,
  ) {
    const started = performance.now();
    this.#plans = new PlansBySize(program.graph, device);
    this.loweringMs = performance.now() - started;
    // There is nothing to load: kernels are looked up as they are called.
    this.sessionMs = 0;
    this.nodes = countNodes(program.graph);
  }

  run(feeds: Feeds): Promise<Fetches> {
    return this.queue.add(async () => {
      if (this.#disposed)
        throw new GenonnxError('engine', 'The program was disposed of.', { found: this.program.name });
      return await this.#fetch(this.#evaluate(feeds));
    });
  }

  async dispose(): Promise<void> {
    await this.queue.add(async () => this.release());
    this.forget();
  }

  release(): void {
    this.#disposed = true;
    this.#plans.dispose();
  }

  #evaluate(feeds: Feeds): Handle[] {
    const { stateInputs } = this.program;
    const fed = this.program.graph.inputs.filter(({ path }) => !(path in stateInputs));
    const plans = this.#plans.of(sizesOf(fed, feeds));
    const { graph } = plans.main;
    for (const value of graph.inputs) if (!(value.path in stateInputs)) requireFeed(feeds, value);
    const inputs = graph.inputs.map((value): Input => {
      const name = stateInputs[value.path];
      if (name === undefined)
        return { handle: this.#handleOf(requireFeed(feeds, value), value), owned: true };
      return {
        handle: new Stored(fixedShape(value.shape, name), 'plain', this.state.tensor(name)),
        owned: false,
      };
    });
    const { device } = this;
    const run = startRun({
      device,
      plans,
      failure: (node, error) =>
        kernelFailure(node, error, {
          neededBytes: liveBytes(graph, gatesOf(graph, feeds)),
          heldBytes: device.memory().numBytes,
          stateBytes: 2 * sum(Object.values(stateInputs).map((name) => 4 * this.state.tensor(name).size)),
          batch: batchOf(graph),
        }),
    });
    return evaluate(plans.main, inputs, run);
  }

  #handleOf({ data }: HostTensor, { shape: logical, dtype, path }: Value): Handle {
    const shape = fixedShape(logical, path);
    if (data instanceof Float32Array) return new Stored(shape, 'plain', this.device.upload(data, shape));
    if (dtype === 'float32') throw new TypeError(path);
    return {
      kind: 'host',
      shape,
      dtype,
      data: data instanceof Uint8Array ? new Float64Array(data) : Float64Array.from(data, Number),
    };
  }

  /** New state takes the old one's place once all of it is there, and where the guard is finite. */
  async #fetch(results: readonly Handle[]): Promise<Fetches> {
    const { graph, stateOutputs, guard } = this.program;
    const next = new Map<string, DeviceTensor>();
    const fetched: Handle[] = [];
    const fetches: Promise<readonly [string, HostTensor]>[] = [];
    for (const [i, handle] of results.entries()) {
      const { name = '', value } = graph.outputs[i] ?? {};
      const state = stateOutputs[name];
      if (state !== undefined) next.set(state, this.#plain(handle));
      else if (value !== undefined) {
        fetched.push(handle);
        fetches.push(this.#toHost(handle, value).then((data) => [name, data]));
      }
    }
    try {
      const values: Fetches = Object.fromEntries(await Promise.all(fetches));
      if (guard === undefined || Number.isFinite(Number(values[guard]?.data[0]))) {
        for (const [name, tensor] of next) this.state.replace(name, tensor);
        next.clear();
      }
      return values;
    } finally {
      for (const handle of fetched) dispose(handle);
      for (const tensor of next.values()) tensor.dispose();
    }
  }

  /** The one tensor of a handle in logical order; others that it has are disposed of. */
  #plain(handle: Handle): DeviceTensor {
    if (handle.kind !== 'stored')
      return this.device.upload(new Float32Array(elementCount(handle.shape)), handle.shape);
    const tensor = this.device.inForm(handle, 'plain');
    for (const other of handle.tensors) if (other !== tensor) other.dispose();
    return tensor;
  }

  async #toHost(handle: Handle, { dtype }: Value): Promise<HostTensor> {
    const { shape } = handle;
    if (handle.kind === 'host') {
      const data = dtype === 'bool' ? Uint8Array.from(handle.data) : BigInt64Array.from(handle.data, BigInt);
      return { shape, data };
    }
    if (handle.kind === 'zero') return { shape, data: new Float32Array(elementCount(shape)) };
    return { shape, data: Float32Array.from(await this.device.inForm(handle, 'plain').data(), Number) };
  }
}

/** What the symbolic dimensions of inputs are; where feeds do not agree, `requireFeed` says so of the one that departs. */
function sizesOf(inputs: readonly Value[], feeds: Feeds): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { shape, path } of inputs) {
    shape.forEach((dimension, axis) => {
      const size = feeds[path]?.shape[axis];
      if (typeof dimension === 'string' && size !== undefined && !sizes.has(dimension))
        sizes.set(dimension, size);
    });
  }
  return sizes;
}

function countNodes({ nodes }: Graph): number {
  return nodes.reduce(
    (total, node) => bodiesOf(node).reduce((all, body) => all + countNodes(body), total + 1),
    0,
  );
}

const arrays = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array } as const;

/** @throws GenonnxError `engine` when the feed is missing, or has another shape or type than the input. */
function requireFeed(feeds: Feeds, { path, shape, dtype }: Value): HostTensor {
  const feed = Object.hasOwn(feeds, path) ? feeds[path] : undefined;
  const expected = `${path} ${dtype}${shapeText(shape)}`;
  if (feed === undefined)
    throw new GenonnxError('engine', 'An input of the program is not fed.', { expected });
  if (
    !(feed.data instanceof arrays[dtype]) ||
    !sameShape(feed.shape, shape) ||
    feed.data.length !== elementCount(feed.shape)
  )
    throw new GenonnxError('engine', 'A feed does not fit its input.', {
      expected,
      found: `${feed.data.constructor.name} of ${feed.data.length}, ${shapeText(feed.shape)}`,
    });
  return feed;
}

/** Images that a program takes at once. */
function batchOf({ inputs }: Graph): number | undefined {
  const images = inputs.find(({ shape }) => shape.length === 4);
  const batch = images?.shape[0];
  return typeof batch === 'number' ? batch : undefined;
}

function sum(terms: readonly number[]): number {
  return terms.reduce((total, term) => total + term, 0);
}
