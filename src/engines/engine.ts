// What every engine offers: it prepares programs and holds their state, which stays inside between runs.
import type { Program, StateLayout } from '../../graphs/program.js';

export type TensorData = Float32Array | BigInt64Array | Uint8Array;

/** A tensor on its way in or out. Booleans are bytes of 0 and 1. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type Feeds = Readonly<Record<string, HostTensor>>;
export type Fetches = Readonly<Record<string, HostTensor>>;

export interface PreparedProgram {
  /** What lowering the graph took, and what the runtime took to load the result. */
  readonly loweringMs: number;
  readonly sessionMs: number;
  readonly nodes: number;
  /**
   * Runs once. Results are all outputs that are not state. What no input of the program reads may be fed, too: programs of one
   * problem share their batches. The fed arrays are handed over: the caller must not use them
   * afterwards. @throws GenonnxError `engine` when the runtime fails.
   */
  run(feeds: Feeds): Promise<Fetches>;
  dispose(): Promise<void>;
}

export interface EngineState {
  read(name: string): Promise<Float32Array>;
  /** @throws GenonnxError `engine` for another size. */
  write(name: string, data: Float32Array): Promise<void>;
}

/** What runs programs, and keeps their state between runs. */
export interface Engine {
  /** What it runs on, in words: `onnxruntime-node 1.30.0, CPU, blocked layout (16), 2 threads`. */
  readonly description: string;
  /** Fresh state, all zeros. */
  createState(layout: StateLayout): Promise<EngineState>;
  prepare(program: Program, state: EngineState): Promise<PreparedProgram>;
  dispose(): Promise<void>;
}
