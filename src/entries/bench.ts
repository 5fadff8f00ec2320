// `genonnx/bench`: the latency of models, with its receipt, and of networks that were never made.
export { type LatencyTable, parseLatencyTable, predictLatency } from '../bench/cells/latency-table.js';
export { type Candidate, type MeasureOptions, measure } from '../bench/measure.js';
export { nodeSubjects } from '../bench/node/node-subject.js';
export { type BenchResults, type Measurement, parseResults } from '../bench/results.js';
