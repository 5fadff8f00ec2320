// `genonnx/search`: a genotype for a data set, as `genonnx search` finds it: in a folder, or in memory; watched and stopped.
export { readLatency } from '../library/latency.js';
export { resumeSearch, type Search, type SearchOptions, search } from '../library/search.js';
export type { Beginning, Watch } from '../library/watch.js';
export type { SearchEpoch, SearchResult } from '../search/search.js';
export type { Latency } from '../tasks/classification/latency-budget.js';
