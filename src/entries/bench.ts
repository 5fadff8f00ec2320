// `genonnx/bench`: the latency of models, with its receipt, of a network's parts, and of networks that were never made.
export { type LatencyTable, parseLatencyTable, predictLatency } from '../bench/cells/latency-table.js';
export { compareResults } from '../bench/compare.js';
export { type Candidate, type MeasureOptions, measure } from '../bench/measure.js';
export { nodeSubjects } from '../bench/node/node-subject.js';
export { type BenchResults, type Measurement, parseResults } from '../bench/results.js';
export type { GatePattern, StepTiming } from '../bench/step-timing.js';
export { type BenchChoice, type BenchOptions, bench, readResults } from '../library/bench.js';
export {
  type BenchCellsOptions,
  type BenchStepOptions,
  type BenchTrainOptions,
  benchCells,
  benchStep,
  benchTrain,
  type Measuring,
} from '../library/bench-parts.js';
