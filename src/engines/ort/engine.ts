// The ONNX Runtime engine: lowers programs to ONNX and runs them on the CPU provider, in a worker thread.
import { type Layout, lowerToOnnx } from '../../../graphs/onnx/lower.js';
import { GenonnxError } from '../../errors.js';
import type {
  Engine,
  EngineState,
  Feeds,
  Fetches,
  PreparedProgram,
  Program,
  StateLayout,
} from '../engine.js';
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

async function prepare(
  channel: Channel,
  program: Program,
  state: EngineState,
  layout: Layout,
  threads: number,
): Promise<PreparedProgram> {
  if (!(state instanceof OrtState)) throw unexpected('state of another engine');
  const started = performance.now();
  const { bytes, nodes } = lowerToOnnx(program.graph, { layout, name: program.name, naming: 'short' });
  const loweredAt = performance.now();
  const { stateInputs, stateOutputs } = program;
  const fetches = program.graph.outputs.map(({ name }) => name).filter((name) => !(name in stateOutputs));
  const session = expectNumber(
    await channel.ask({
      kind: 'load',
      state: state.id,
      session: { model: bytes, threads, stateInputs, stateOutputs, fetches },
    }),
  );
  return {
    loweringMs: loweredAt - started,
    sessionMs: performance.now() - loweredAt,
    nodes,
    run: async (feeds: Feeds): Promise<Fetches> => {
      const results = await channel.ask({ kind: 'run', session, feeds });
      if (typeof results !== 'object' || results instanceof Float32Array) throw unexpected('run');
      return results;
    },
    dispose: async () => {
      await channel.ask({ kind: 'unload', session });
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
