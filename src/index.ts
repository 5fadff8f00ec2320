// The public API: genotypes, the estimators, the way from a genotype to a model and to other runtimes, and its latency. The
// rest is for the command.
export { EMBEDDED_DATASETS, loadDataset } from '../datasets/index.js';
export { toDot } from '../exporters/dot.js';
export type { ExportFile } from '../exporters/export-file.js';
export { type OnnxExport, type OnnxFileOptions, toOnnx } from '../exporters/onnx.js';
export { type OrtWebOptions, ortWebRuntimeFiles, toOrtWeb } from '../exporters/ort-web.js';
export { type PyTorchModel, toPyTorch } from '../exporters/pytorch.js';
export { toSvg } from '../exporters/svg.js';
export { type TfjsOptions, toTfjs } from '../exporters/tfjs.js';
export type { BoundGraph, BoundWeight } from '../graphs/bound-graph.js';
export { foldBatchNorm } from '../graphs/passes/fold-batch-norm.js';
export { type LatencyTable, parseLatencyTable, predictLatency } from './bench/cells/latency-table.js';
export { type Candidate, type MeasureOptions, measure } from './bench/measure.js';
export { nodeSubjects } from './bench/node/node-subject.js';
export { type BenchResults, type Measurement, parseResults } from './bench/results.js';
export { type CompileOptions, compileModel } from './deploy/compile-model.js';
export { matchWeights } from './deploy/match-weights.js';
export { type Optimization, optimizeGraph } from './deploy/optimize.js';
export {
  type QuantizationReport,
  type QuantizeOptions,
  quantizeModel,
} from './deploy/quantize/quantize-model.js';
export { type ValidatePairRequest, type Validation, validatePair } from './deploy/validate.js';
export { GenonnxError } from './errors.js';
export { codeCount, exactCodeProbability, inclusionProbability } from './estimators/closed-forms.js';
export { deriveGenotype } from './estimators/derive.js';
export { type EgsOptions, ensembleGumbelSoftmax } from './estimators/egs.js';
export type { Alphas, Estimator, Sample } from './estimators/estimator.js';
export { METHOD_TABLE, type Method, type MethodName } from './estimators/methods.js';
export {
  bindWeights,
  type InferenceGraph,
  type InferenceNetwork,
  inferenceGraph,
} from './networks/inference.js';
export { metadataOf } from './networks/metadata.js';
export { openStream, type RandomStream } from './random.js';
export type { CellGenotype, Genotype, GenotypeEntry } from './spaces/genotype.js';
export { parseGenotype } from './spaces/parse.js';
export { printGenotype, toJson } from './spaces/print.js';
export { ZOO, zooEntry } from './spaces/zoo.js';
