// The ONNX Runtime engine: lowers programs to ONNX and runs them on the CPU provider, in a worker thread.
import { type Layout, lowerToOnnx } from '../../../graphs/onnx/lower.js';
import type { Program, StateLayout } from '../../../graphs/program.js';
import { GenonnxError } from '../../errors.js';
import type { Engine, EngineState, Feeds, Fetches, PreparedProgram } from '../engine.js';
import { releaseMemory } from '../release-memory.js';
import { type Channel, directChannel, workerChannel } from './channel.js';
import type { Replies, Request } from './messages.js';

export interface OrtEngineOptions {
  readonly layout: Layout;
  readonly threads: number;
  /** Run in a worker thread; directly on the calling one otherwise. */
  readonly worker: boolean;
}

export function createOrtEngine({ layout, threads, worker }: OrtEngineOptions): Engine {
  const channel = worker ? workerChannel() : directChannel();
  const inWords = layout.kind === 'blocked' ? `blocked layout (${layout.block})` : 'portable layout';
  return {
    description: `onnxruntime-node, CPU, ${inWords}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    createState: (sizes) => OrtState.create(channel, sizes),
    prepare: (program, state) => prepare(channel, program, state, layout, threads),
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
  channel: Channel,
  program: Program,
  state: EngineState,
  layout: Layout,
  threads: number,
): Promise<PreparedProgram> {
  if (!(state instanceof OrtState)) throw unexpected('state of another engine');
  const started = performance.now();
  const lowered = lower(program, layout);
  return loadSession(channel, state.id, { ...lowered, threads, loweringMs: performance.now() - started });
}

interface Lowered {
  readonly model: Uint8Array;
  readonly nodes: number;
  readonly stateInputs: Readonly<Record<string, string>>;
  readonly stateOutputs: Readonly<Record<string, string>>;
  readonly fetches: readonly string[];
  readonly guard?: string;
}

function lower({ graph, name, stateInputs, stateOutputs, guard }: Program, layout: Layout): Lowered {
  const { bytes, nodes } = lowerToOnnx(graph, { layout, name, naming: 'short' });
  const fetches = graph.outputs.map((output) => output.name).filter((output) => !(output in stateOutputs));
  const guarded = guard === undefined ? {} : { guard };
  return { model: bytes, nodes, stateInputs, stateOutputs, fetches, ...guarded };
}

async function loadSession(
  channel: Channel,
  state: number,
  { nodes, loweringMs, ...session }: Lowered & { readonly threads: number; readonly loweringMs: number },
): Promise<PreparedProgram> {
  releaseMemory();
  const started = performance.now();
  const id = expectNumber(await channel.ask({ kind: 'load', state, session }));
  return {
    loweringMs,
    sessionMs: performance.now() - started,
    nodes,
    run: async (feeds: Feeds): Promise<Fetches> => {
      const results = await channel.ask({ kind: 'run', session: id, feeds });
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
