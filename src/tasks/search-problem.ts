// What a search is of: batches for weights and alphas, a supernet with its loss, measures. A task makes it from its settings
// and its data; the loop (`src/search`) knows nothing else of the task, and not even what an example is.

import type { Feeds } from '../engines/engine.js';
import type { Budget } from '../estimators/regularisers.js';
import type { BatchSource, BatchSourceState, FedBatches } from '../loop/batch-source.js';
import type { Measures } from '../loop/meter.js';
import type { SupernetTracer } from '../networks/search-programs.js';
import type { SearchSpace } from '../spaces/search-space.js';
import type { CodeOf } from './code-feeds.js';

/** What a search traces. */
export type SearchNetworks = Pick<SearchProblem, 'space' | 'supernet' | 'codeFeeds' | 'extents'>;

export interface SearchProblem<Name extends string = string, Primitive extends string = string> {
  /** What it is of, in words: `fashion-mnist, 4000 training images`. */
  readonly description: string;
  readonly measures: Measures;
  readonly space: SearchSpace<Name, Primitive>;
  /** Shuffled examples that the weights learn from, and those that the alphas learn from, from the seed's own streams. */
  weightBatches(state: BatchSourceState | undefined): BatchSource;
  alphaBatches(state: BatchSourceState | undefined): BatchSource;
  /** The examples that the alphas learn from, once, as they are. */
  readonly heldOut: FedBatches;
  readonly supernet: SupernetTracer;
  /** How large the open dimensions of its programs get, by their names. */
  readonly extents?: ReadonlyMap<string, number>;
  /** What the supernet is fed of a code, which its programs take as `code`, f32[entries], at least. */
  codeFeeds(code: CodeOf): Feeds;
  /** What entries cost in the network that will be trained, and what it may cost; undefined without a budget. */
  readonly budget: Budget | undefined;
}
