// What tables and figures are made of: a method with its runs, each with what the study knows of it and the epochs of its search.
import type { SearchEpoch } from '../search/search.js';
import type { Method } from '../study/config.js';
import type { RunResult } from '../study/results.js';

export interface ExperimentRun {
  readonly result: RunResult;
  /** Of its search; none where nothing was searched, or nothing yet. */
  readonly epochs: readonly SearchEpoch[];
}

export interface MethodRuns {
  readonly method: Method;
  /** M of its search; undefined where nothing is searched. */
  readonly samples: number | undefined;
  /** Candidates that compute something, of every edge. */
  readonly operations: number;
  readonly runs: readonly ExperimentRun[];
}
