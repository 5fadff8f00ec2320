// The public API: genotypes, the estimator, and the way from a genotype to an ONNX model. The rest is for the command.
export { EMBEDDED_DATASETS, loadDataset } from '../datasets/index.js';
export {
  bindWeights,
  type CompileOptions,
  compileModel,
  type InferenceGraph,
  type InferenceNetwork,
  inferenceGraph,
  matchWeights,
  metadataOf,
} from './deploy/model.js';
export { GenonnxError } from './errors.js';
export { codeCount, exactCodeProbability, inclusionProbability } from './estimators/closed-forms.js';
export { type EgsOptions, ensembleGumbelSoftmax } from './estimators/egs.js';
export type { Alphas, Estimator, Sample } from './estimators/estimator.js';
export { deriveGenotype } from './genotype/derive.js';
export { parseGenotype } from './genotype/parse.js';
export { printGenotype, toJson } from './genotype/print.js';
export type { CellGenotype, Genotype, GenotypeEntry } from './genotype/types.js';
export { ZOO, zooEntry } from './genotype/zoo.js';
export { openStream, type RandomStream } from './random.js';
