// The ONNX Runtime engine: lowers programs to ONNX and runs them on the CPU provider of whatever host a channel leads to.
import { type Layout, lowerToOnnx } from '../../../graphs/onnx/lower.js';
import type { Program, StateLayout } from '../../../graphs/program.js';
import { GenonnxError } from '../../errors.js';
import type { Engine, EngineState, Feeds, Fetches, PreparedProgram } from '../engine.js';
import type { Channel } from './channel.js';
import type { Replies, Request } from './messages.js';

/** Where the runtime is, and how it is to run programs. */
export interface OrtEngineOptions {
  readonly channel: Channel;
  /** Of the runtime behind the channel, such as `onnxruntime-node`. */
  readonly runtime: string;
  readonly layout: Layout;
  readonly threads: number;
  /** Called before a session is created, so that garbage of the lowering and the session are not held at once. */
  readonly releaseMemory?: () => void;
}

/** Lowers programs to ONNX and runs them where the channel leads. */
export function createOrtEngine(options: OrtEngineOptions): Engine {
  const { channel, runtime, layout, threads } = options;
  const inWords = layout.kind === 'blocked' ? `blocked layout (${layout.block})` : 'portable layout';
  return {
    description: `${runtime}, CPU, ${inWords}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    createState: (sizes) => OrtState.create(channel, sizes),
    prepare: (program, state) => prepare(options, program, state),
    dispose: () => channel.close(),
  };
}

class OrtState implements EngineState {
  private constructor(
    readonly channel: Channel,
    readonly id: number,
    readonly layout: StateLayout,
  ) {}

  static async create(channel: Channel, layout: StateLayout): Promise<OrtState> {
    const id = await channel.ask({ kind: 'createState', layout });
    return new OrtState(channel, expectNumber(id), layout);
  }

  async read(name: string): Promise<Float32Array> {
    const data = await this.channel.ask({ kind: 'readState', state: this.id, name });
    if (!(data instanceof Float32Array)) throw unexpected('readState');
    return data;
  }

  async write(name: string, data: Float32Array): Promise<void> {
    await this.channel.ask({ kind: 'writeState', state: this.id, name, data });
  }
}

/** Lowering and loading are apart, so that nothing of the graph is held while the session is created. */
async function prepare(
  { channel, layout, threads, releaseMemory }: OrtEngineOptions,
  program: Program,
  state: EngineState,
): Promise<PreparedProgram> {
  if (!(state instanceof OrtState)) throw unexpected('state of another engine');
  const started = performance.now();
  const lowered = lower(program, layout);
  const loweringMs = performance.now() - started;
  releaseMemory?.();
  return loadSession(channel, state.id, { ...lowered, threads, loweringMs });
}

interface Lowered {
  readonly model: Uint8Array;
  readonly nodes: number;
  /** Names of what is fed; state is not. */
  readonly feeds: readonly string[];
  readonly stateInputs: Readonly<Record<string, string>>;
  readonly stateOutputs: Readonly<Record<string, string>>;
  readonly fetches: readonly string[];
  readonly guard?: string;
}

function lower({ graph, name, stateInputs, stateOutputs, guard }: Program, layout: Layout): Lowered {
  const { bytes, nodes } = lowerToOnnx(graph, {
    layout,
    name,
    naming: 'short',
    nodeOrder: 'runtime',
  });
  const fetches = graph.outputs.map((output) => output.name).filter((output) => !(output in stateOutputs));
  const feeds = graph.inputs.map(({ path }) => path).filter((path) => !(path in stateInputs));
  const guarded = guard === undefined ? {} : { guard };
  return { model: bytes, nodes, feeds, stateInputs, stateOutputs, fetches, ...guarded };
}

async function loadSession(
  channel: Channel,
  state: number,
  {
    nodes,
    loweringMs,
    feeds: names,
    ...session
  }: Lowered & { readonly threads: number; readonly loweringMs: number },
): Promise<PreparedProgram> {
  const started = performance.now();
  const id = expectNumber(await channel.ask({ kind: 'load', state, session }));
  return {
    loweringMs,
    sessionMs: performance.now() - started,
    nodes,
    run: async (feeds: Feeds): Promise<Fetches> => {
      // Runtimes refuse what the model does not read.
      const read = Object.fromEntries(Object.entries(feeds).filter(([name]) => names.includes(name)));
      const results = await channel.ask({ kind: 'run', session: id, feeds: read });
      if (typeof results !== 'object' || results instanceof Float32Array) throw unexpected('run');
      return results;
    },
    dispose: async () => {
      await channel.ask({ kind: 'unload', session: id });
    },
  };
}

function expectNumber(reply: Replies[Request['kind']]): number {
  if (typeof reply !== 'number') throw unexpected('reply');
  return reply;
}

function unexpected(what: string): GenonnxError {
  return new GenonnxError('engine', `The engine gave an unexpected answer (${what}).`);
}
