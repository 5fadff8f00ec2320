// What a training is of: batches, programs, measures, and what is shipped at the end. A task makes it from its settings and
// its data; the loop (`src/train`) knows nothing else of the task, and not even what an example is.

import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { Fetches } from '../engines/engine.js';
import type { BatchSource, BatchSourceState, FedBatches } from '../loop/batch-source.js';
import type { Measures, Scores, Totals } from '../loop/meter.js';
import type { Step, StepState } from '../networks/step.js';
import type { Arrays } from '../runs/snapshot.js';

/** A file that a run leaves. */
export interface ShippedFile {
  readonly name: string;
  readonly data: string | Uint8Array;
}

/** Of the network that is shipped, and whatever else a task counts. */
export interface NetworkFigures {
  readonly parameters: number;
  /** Multiply-adds of one example. */
  readonly macs: number;
  readonly [name: string]: number;
}

export interface Shipped {
  readonly files: readonly ShippedFile[];
  readonly figures: NetworkFigures;
  /** What else a reader of the results must know, in words, by what it is about. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** What a training came to: its state, and what that is worth on the test examples. */
export interface Trained {
  readonly arrays: Arrays;
  readonly test: Scores;
  readonly totals: Totals;
}

/** What a training traces. */
export type TrainingNetworks = Pick<TrainingProblem, 'step' | 'evaluation' | 'extents'>;

export interface TrainingProblem {
  /** What it is of, in words: `fashion-mnist, 4000 training images`. */
  readonly description: string;
  readonly measures: Measures;
  /** Shuffled, with whatever chance does to an example or its network, from the seed's own streams. */
  batches(state: BatchSourceState | undefined): BatchSource;
  /** Examples held out of the training, by which the best state is chosen; undefined without any. */
  readonly validation: FedBatches | undefined;
  /** Read once, at the end. */
  readonly test: FedBatches;
  readonly testExamples: number;
  /** The training step. Its parameters and statistics are laid out as those of `evaluation`. */
  step(optimizer: Optimizer): Step;
  /** How large the open dimensions of the programs get, by their names. */
  readonly extents?: ReadonlyMap<string, number>;
  /** Of the held-out examples, and of the test's; where it carries something, in a stream of its own. */
  evaluation(): Step;
  /** Of the test examples, where that is another program: for another size of batches, say, and in a stream of its own. */
  testing?(): Step;
  /** What fresh weights become before the first step, where some are from elsewhere. @throws GenonnxError `weights-mismatch`. */
  begin?(fresh: Arrays, state: StepState): Arrays;
  /** Told what each batch of the test came to, by its number: for what is shown of a few examples. */
  watchTest?(index: number, fetches: Fetches): Promise<void>;
  /** Numbers that hold in an epoch and belong in its record, such as a drop probability. */
  conditions(epoch: number): Readonly<Record<string, number>>;
  /** What is made of a trained state: models, weights, tables of what was counted on the test examples. */
  ship(trained: Trained): Shipped;
}
