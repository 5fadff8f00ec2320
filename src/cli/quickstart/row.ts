// What a quickstart needs of a task beside its searches and trainings: settings for a few minutes, a check of the exported model
// on the test data, and what to say at the end.
import type { Measured } from '../../library/report-data.js';
import type { SearchedTaskName, SearchGivenOf, TrainingGivenOf } from '../../tasks/tasks.js';
import type { Results } from '../../train/train-run.js';

export interface Checked {
  /** What was measured of the model, for the report. */
  readonly measured: Measured;
  /** Label and value, in the order of the summary. */
  readonly figures: readonly (readonly [string, string])[];
}

export interface QuickstartRow<T extends SearchedTaskName> {
  /** Settings of a seed, with the embedded data. */
  search(seed: number): SearchGivenOf<T>;
  training(seed: number): TrainingGivenOf<T>;
  /** Files of the training that are handed on, the model first. */
  readonly files: readonly [string, ...string[]];
  /**
   * The exported model against the interpreter and on the test data. `folder` holds the files.
   * @throws GenonnxError `model-corrupt` where it does not compute what was trained.
   */
  check(folder: string, results: Results, threads: number): Promise<Checked>;
  /** Commands to go on with. */
  next(folder: string): readonly string[];
}
