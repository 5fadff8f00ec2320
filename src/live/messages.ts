// What the server of a page of runs tells the page: types alone, which both sides share.
import type { Scope } from '../estimators/estimator.js';
import type { QueueState } from '../queue/queue-state.js';
import type { GenotypeKind } from '../spaces/kinds.js';
import type { TaskName } from '../tasks/names.js';

/**
 * `stopped`: by somebody who asked it to, so that it can go on. `killed`: its process is gone without a word. `failed`: with an
 * error that it has written down.
 */
export const RUN_STATES = ['running', 'done', 'failed', 'stopped', 'killed'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** How a figure by which results are told apart is written. */
export interface MetricInfo {
  readonly name: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  /** `share` is shown in percent. */
  readonly form: 'share' | 'number';
}

export interface CellTypeInfo {
  readonly name: string;
  readonly title: string;
  readonly inputs: number;
  readonly primitives: readonly string[];
}

export interface ResultsInfo {
  readonly test: Readonly<Record<string, number>>;
  readonly testExamples: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly notes?: Readonly<Record<string, string>>;
}

export interface FailureInfo {
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A search or a training, but for its journal. */
export interface RunInfo {
  readonly id: string;
  /** Its folder below the one that is watched, with slashes. */
  readonly name: string;
  readonly kind: 'search' | 'train';
  readonly task: TaskName;
  readonly state: RunState;
  readonly failure?: FailureInfo;
  /** That it is to have. */
  readonly epochs: number;
  /** Milliseconds since 1970: when it was begun, and when its journal was last written to. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** Everything that determines it, by its path: `weights.learningRate`. */
  readonly settings: Readonly<Record<string, string>>;
  /** What one example is, in the plural. */
  readonly examples: string;
  readonly metrics: readonly MetricInfo[];
  readonly cellKind: GenotypeKind;
  /** Of a search: what shares one probability vector, and the columns of its probabilities. */
  readonly search?: { readonly scope: Scope; readonly cellTypes: readonly CellTypeInfo[] };
  /** Of a training: the genotype that it is of. */
  readonly genotype?: string;
  readonly results?: ResultsInfo;
}

/** What a run of a study is at. */
export const STAGES = ['waiting', 'searching', 'training', 'stopped', 'failed', 'finished'] as const;
export type Stage = (typeof STAGES)[number];

export interface StudyRunInfo {
  readonly seed: number;
  readonly stage: Stage;
  /** Ids of its runs, as far as they have begun. */
  readonly search?: string;
  readonly child?: string;
  /** By the first metric of the task, once it is finished. */
  readonly test?: number;
  /** The last words of one that failed. */
  readonly failure?: string;
}

/** A study: its plan, and how far it has come. */
export interface StudyInfo {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly data: string;
  readonly metric: MetricInfo;
  readonly seeds: readonly number[];
  readonly methods: readonly { readonly name: string; readonly runs: readonly StudyRunInfo[] }[];
}

/** One of a table's networks. */
export interface TableNetworkInfo {
  readonly architecture: string;
  readonly genotype: string;
  readonly parameters: number;
  /** Multiply-adds of one example. */
  readonly macs: number;
  /** By the first metric of the task, on the test examples; null for seeds that it was not trained with yet. */
  readonly tests: readonly (number | null)[];
}

/** A table: its plan, networks by seeds, and how far it has come. */
export interface TableInfo {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly data: string;
  readonly metric: MetricInfo;
  readonly state: RunState;
  readonly failure?: FailureInfo;
  /** Milliseconds since 1970: when its journal was last written to. */
  readonly changedAt: number;
  readonly seeds: readonly number[];
  /** Of its space. */
  readonly networks: number;
  /** That it is to have; fewer than networks x seeds where a sample of them is trained. */
  readonly trainings: number;
  /** Trainings side by side, where that is known: workers of a queue are as many as there are. */
  readonly jobs?: number;
  /** That a training takes; null where none is done. */
  readonly seconds: number | null;
  /** [seed][network], in the order in which they are trained: the test score of each; null where there is none yet. */
  readonly scores: readonly (readonly (number | null)[])[];
  /** By seed: the places of the networks whose last training failed. */
  readonly failed: readonly (readonly number[])[];
  /** By the mean over the seeds that there are. */
  readonly best: readonly TableNetworkInfo[];
  /** The last ones. */
  readonly failures: readonly {
    readonly architecture: string;
    readonly seed: number;
    readonly failure: string;
  }[];
}

/**
 * Numbers by the names of their columns, `train.loss`, one for each line of a journal; null where a line has none. All columns
 * are of one length.
 */
export type Columns = Readonly<Record<string, readonly (number | null)[]>>;

/** Lines of a journal. From the byte 0 on, they are all that there is: what was known of the run before holds no more. */
export interface LinesMessage {
  readonly run: string;
  /** Bytes of the journal before the lines, and behind them. */
  readonly from: number;
  readonly to: number;
  readonly columns: Columns;
  /** What the last line says beside numbers. */
  readonly last: { readonly genotype?: string; readonly warnings: readonly string[] };
}

/** What a queue's server says of its queues, or why it says nothing. */
export interface QueuesInfo {
  readonly queues: readonly QueueState[];
  readonly failure?: string;
}

/** Everything that there is, but for journals, once after connecting. */
export interface AllMessage {
  readonly version: string;
  /** The folders that are watched, as they were named. */
  readonly folders: readonly string[];
  readonly runs: readonly RunInfo[];
  readonly studies: readonly StudyInfo[];
  readonly tables: readonly TableInfo[];
  /** Where a queue is watched, too. */
  readonly queues?: QueuesInfo;
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
}

/** Events of the stream by their names. */
export interface LiveEvents {
  readonly all: AllMessage;
  readonly run: RunInfo;
  readonly study: StudyInfo;
  readonly table: TableInfo;
  readonly queues: QueuesInfo;
  /** A folder that is there no more. */
  readonly gone: { readonly id: string };
  readonly lines: LinesMessage;
}
export type LiveEventName = keyof LiveEvents;
export const LIVE_EVENTS = [
  'all',
  'run',
  'study',
  'table',
  'queues',
  'gone',
  'lines',
] as const satisfies LiveEventName[];

/** One epoch of a search in full, with numbers rounded to what a picture shows. */
export interface EpochDetail {
  readonly epoch: number;
  readonly genotype: string;
  /** By cell type: [edge][primitive]. */
  readonly probabilities: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** By cell type and edge: which primitives the last code that was sampled had open, a digit each. */
  readonly code?: Readonly<Record<string, readonly string[]>>;
}

/** The drawings of a genotype's cells. */
export interface DrawnCells {
  readonly cells: readonly { readonly title: string; readonly svg: string; readonly widthPx: number }[];
}
