// What a page asks of its worker, and what the worker tells it: types, which both sides share.
import type { MethodName } from '../estimators/methods.js';
import type { DrawnCells } from '../live/messages.js';
import type { Choice } from './choose-provider.js';

/** What a search is made of; everything else is as the preset for small images has it. */
export interface SearchChoice {
  readonly method: MethodName;
  /** M, where the method takes it. */
  readonly samples?: number;
  readonly seed: number;
  readonly cells: number;
  readonly channels: number;
  readonly batch: number;
  readonly epochs: number;
  /** Training images. */
  readonly limit: number;
}

export interface TrainChoice extends Omit<SearchChoice, 'method' | 'samples'> {
  /** As text. */
  readonly genotype: string;
}

export type LabRunState = 'running' | 'stopped' | 'finished';

/** A run in the storage, but for its journal. */
export interface LabRun {
  readonly name: string;
  readonly kind: 'search' | 'train';
  readonly state: LabRunState;
  readonly epochs: number;
  /** Epochs that are done. */
  readonly done: number;
  /** In words: `egs, M 4, seed 1, 3 cells, 4 channels, 1000 images`. */
  readonly summary: string;
  /** What it found, or is of. */
  readonly genotype: string | undefined;
  /** Of a finished training: the share of the test images that it takes for what they are. */
  readonly accuracy: number | undefined;
  /** Elsewhere than here: where it went on. */
  readonly madeIn: string;
}

/** A run in the storage whose files cannot be read: it can be saved as it is, and removed. */
export interface DamagedRun {
  readonly name: string;
  /** What is wrong with it, and where. */
  readonly problem: string;
}

/** Everything in the storage. */
export interface StoredRuns {
  readonly runs: readonly LabRun[];
  readonly damaged: readonly DamagedRun[];
}

/** What is drawn of one epoch of a search. */
export interface SearchEpochView {
  readonly kind: 'search';
  readonly epoch: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly validationAccuracy: number | null;
  readonly childAccuracy: number | null;
  readonly entropy: Readonly<Record<string, number>>;
  readonly probabilities: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly genotype: string;
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/** What is drawn of one epoch of a training. */
export interface TrainEpochView {
  readonly kind: 'train';
  readonly epoch: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly validationAccuracy: number | null;
  readonly seconds: number;
}

export type EpochView = SearchEpochView | TrainEpochView;

/** A class with the share that a model gives it. */
export interface RankedClass {
  readonly label: string;
  readonly probability: number;
}

/** What surrounds the runs of a page. */
export interface LabFacts {
  readonly version: string;
  readonly threads: number;
  readonly trainImages: number;
  readonly image: { readonly height: number; readonly width: number };
  readonly classes: readonly string[];
  readonly methods: readonly MethodFacts[];
}

export interface MethodFacts {
  readonly name: MethodName;
  /** Whether it takes M. */
  readonly takesSamples: boolean;
}

interface Call<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: Answer;
}

/** Every call by its name, with what is asked and answered. */
export interface LabCalls {
  /** Once, before anything else: the data is fetched and the runtime started. */
  readonly begin: Call<null, LabFacts>;
  /** Those that begin or go on with a run answer with its name, once it is open; how it goes on is told by events. */
  readonly search: Call<SearchChoice, string>;
  readonly train: Call<TrainChoice, string>;
  readonly resume: Call<string, string>;
  /** Ends the run that is under way behind a checkpoint. */
  readonly pause: Call<null, null>;
  readonly runs: Call<null, StoredRuns>;
  readonly epochs: Call<string, readonly EpochView[]>;
  /** The cells of a genotype, as SVG. */
  readonly draw: Call<string, DrawnCells>;
  /** The run's folder in one ZIP file. */
  readonly pack: Call<string, Uint8Array>;
  /** The bytes of a finished training's ONNX model. */
  readonly model: Call<string, Uint8Array>;
  readonly remove: Call<string, null>;
  /** u8[height, width] of a picture, 0 being black: what the model of a finished training takes it for, the likeliest first. */
  readonly classify: Call<{ readonly run: string; readonly pixels: Uint8Array }, readonly RankedClass[]>;
}

/** What happens while a run goes on, by its name. */
export interface LabEvents {
  /** What is done before the first step, in words. */
  readonly note: { readonly run: string; readonly text: string };
  readonly provider: { readonly run: string } & Choice;
  /** Once, where the browser offers a graphics processor: what a small step on it came to. */
  readonly graphics: Choice;
  /** How much is done, between 0 and 1, and where it is in words. */
  readonly progress: { readonly run: string; readonly done: number; readonly where: string };
  readonly epoch: { readonly run: string; readonly epoch: EpochView };
  readonly ended: { readonly run: string; readonly finished: boolean };
  readonly failed: { readonly run: string; readonly message: string };
}

export type LabCallName = keyof LabCalls;

/** A message to the worker. */
export type LabRequest = {
  readonly [K in LabCallName]: {
    readonly id: number;
    readonly call: K;
    readonly asked: LabCalls[K]['asked'];
  };
}[LabCallName];

/** A message of the worker: the answer to a request, or an event. */
export type LabReply =
  | { readonly id: number; readonly answer: LabCalls[LabCallName]['answer'] }
  | { readonly id: number; readonly error: string }
  | { readonly [E in keyof LabEvents]: { readonly event: E; readonly told: LabEvents[E] } }[keyof LabEvents];

/** What carries each call out. */
export type LabHandlers = {
  readonly [K in LabCallName]: (asked: LabCalls[K]['asked']) => Promise<LabCalls[K]['answer']>;
};
