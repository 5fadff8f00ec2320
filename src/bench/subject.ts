// What a benchmark measures: one model open in one place, a process or a page of a browser, which runs it when asked and is
// otherwise still. The places differ, the questions do not; `measure.ts` asks them of all candidates in turn.
import type { Profile } from './profile.js';
import type { ProviderName } from './providers.js';
import type { OptimizationLevel, Runtime } from './receipt.js';
import type { TextWindow } from './sizes.js';

export interface SubjectRequest {
  /** Of the ONNX model that is run. */
  readonly file: string;
  readonly provider: ProviderName;
  readonly batch: number;
  /** What a language model reads. */
  readonly text?: TextWindow;
  readonly threads: number;
  readonly optimization: OptimizationLevel;
  /** Whether nodes may run on the CPU when another provider was asked for. */
  readonly allowFallback: boolean;
}

/** What opening has shown. The model has then run until its median settled, and none of those runs is counted. */
export interface Opened {
  readonly runtime: Runtime;
  /** Creating the session: loading, optimizing, placing the model. */
  readonly sessionMs: number;
  readonly firstRunMs: number;
  /** Runs behind the first. */
  readonly warmUpRuns: number;
}

/** What is asked when the rounds are over. */
export interface Closing {
  /** The most memory that the process has held, before it was profiled; null where that cannot be told. */
  readonly peakMemoryBytes: number | null;
  /** Of copying the inputs to the device and the outputs back, where that is apart from the latency; null where it is in it. */
  readonly hostCopyMs: number | null;
  /** Of runs in a session of its own, because profiling slows a session down; null where the runtime has none. */
  readonly profile: Profile | null;
}

export interface Subject {
  readonly opened: Opened;
  /** Runs the model so many times, one run after the other. Resolves with their latencies in milliseconds. */
  round(runs: number): Promise<number[]>;
  /** Profiles the model, and ends. */
  close(): Promise<Closing>;
  /** Ends at once, whatever is under way. Harmless behind `close`. */
  kill(): void;
}

/** @throws GenonnxError where the model does not open or run there, or the place does not exist on this machine. */
export type OpenSubject = (request: SubjectRequest) => Promise<Subject>;
