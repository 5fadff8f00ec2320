// `genonnx/browser`: everything that needs neither Node nor a runtime. Genotypes and where they come from, the estimators,
// networks, weights, models as bytes, drawings, the exporters that read no file; and searches and trainings, for whoever brings
// data, ONNX Runtime and a place for files.
export { cellToDot, toDot } from '../../exporters/dot.js';
export type { ExportFile } from '../../exporters/export-file.js';
export { type HuggingFaceModel, toHuggingFace } from '../../exporters/hugging-face.js';
export { type OnnxExport, type OnnxFileOptions, toOnnx } from '../../exporters/onnx.js';
export {
  type OrtWebOptions,
  onnxToOrtWeb,
  ortWebRuntimeFiles,
  toOrtWeb,
} from '../../exporters/ort-web.js';
export { type LanguageWebOptions, toLanguageWeb } from '../../exporters/ort-web-language.js';
export {
  type PyTorchLanguageModel,
  type PyTorchModel,
  type PyTorchSegmentationModel,
  toPyTorch,
  toPyTorchLanguage,
  toPyTorchSegmentation,
} from '../../exporters/pytorch.js';
export { cellToSvg, toSvg } from '../../exporters/svg.js';
export { type TfjsOptions, toTfjs } from '../../exporters/tfjs.js';
export type { BoundGraph, BoundWeight } from '../../graphs/bound-graph.js';
export { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
  type SafeTensors,
} from '../../graphs/safetensors.js';
export { type Compiled, type CompileRequest, compile } from '../deploy/compile.js';
export {
  type CompiledLanguage,
  compileLanguage,
  type LanguageCompileRequest,
} from '../deploy/compile-language.js';
export { type CompileOptions, compileModel } from '../deploy/compile-model.js';
export { type DecodedWeights, decodeWeights } from '../deploy/decode-weights.js';
export { type LanguageFileOptions, type LanguageFiles, languageFiles } from '../deploy/language-files.js';
export { matchWeights, type NamedWeights } from '../deploy/match-weights.js';
export { inspect, type ModelReport } from '../deploy/model-report.js';
export { type OpenedModel, openModel } from '../deploy/opened-model.js';
export { type Optimization, optimizeGraph } from '../deploy/optimize.js';
export type { Engine } from '../engines/engine.js';
export { type Channel, directChannel, type HostThread, threadChannel } from '../engines/ort/channel.js';
export { createOrtEngine, type OrtEngineOptions } from '../engines/ort/engine.js';
export { OrtHost } from '../engines/ort/host.js';
export type { OrtRuntime } from '../engines/ort/runtime.js';
export { answerEnvelope } from '../engines/ort/serve.js';
export { GenonnxError } from '../errors.js';
export { type AlphasFile, alphasFromTensors, parseAlphasFile } from '../estimators/alphas-file.js';
export { type AnyAlphas, anyAlphasFromTensors, parseAnyAlphas } from '../estimators/alphas-kinds.js';
export { codeCount, exactCodeProbability, inclusionProbability } from '../estimators/closed-forms.js';
export { deriveGenotype } from '../estimators/derive.js';
export { type DerivationName, type DeriveOptions, derive } from '../estimators/derive-alphas.js';
export { type EgsOptions, ensembleGumbelSoftmax } from '../estimators/egs.js';
export type { Estimator, Sample } from '../estimators/estimator.js';
export { METHOD_TABLE, type Method, type MethodName } from '../estimators/methods.js';
export type { RunHooks } from '../loop/stored-run.js';
export { type SegmentationModel, segmentationInference } from '../networks/deeplab/inference.js';
export type { ImageNetwork } from '../networks/deployed.js';
export { type InferenceNetwork, inferenceGraph } from '../networks/inference.js';
export { bindWeights, type InferenceGraph } from '../networks/inference-graph.js';
export { freshWeights } from '../networks/initial-state.js';
export { metadataOf } from '../networks/metadata.js';
export { openStream, type RandomStream } from '../random.js';
export { BrowserFiles, type BrowserPlace } from '../runs/browser-files.js';
export { MemoryFiles } from '../runs/memory-files.js';
export type { NamedFiles } from '../runs/named-files.js';
export { createRun, openRun, type RunStore } from '../runs/run-store.js';
export { type SearchRunInputs, searchInStore } from '../search/search-run.js';
export { codeOfGenotype } from '../spaces/code.js';
export {
  CONVOLUTIONAL_FORM,
  type ConvolutionalGenotype,
  type ConvolutionalSpace,
  convolutionalSpace,
  DARTS_SPACE,
} from '../spaces/convolutional.js';
export type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
export type { AnyGenotype, GenotypeKind } from '../spaces/kinds.js';
export {
  parseAnyGenotype,
  parseGenotype,
  parseGenotypeOf,
  parseRecurrentGenotype,
} from '../spaces/parse.js';
export {
  printAnyGenotype,
  printGenotype,
  printGenotypeOf,
  printRecurrentGenotype,
  toJson,
} from '../spaces/print.js';
export {
  RECURRENT_FORM,
  RECURRENT_SPACE,
  type RecurrentGenotype,
  type RecurrentSpace,
  recurrentSpace,
} from '../spaces/recurrent.js';
export {
  type CellType,
  type SearchSpace,
  type Section,
  type SpaceForm,
  searchSpace,
  sections,
} from '../spaces/search-space.js';
export {
  anyZooEntry,
  type ConvolutionalZooEntry,
  type RecurrentZooEntry,
  recurrentZooEntry,
  ZOO,
  type ZooEntry,
  zooEntry,
} from '../spaces/zoo.js';
export type { SearchedTask, Task } from '../tasks/task.js';
export { type SearchedTaskName, searchedTasks, type TaskName, tasks } from '../tasks/tasks.js';
export { type TrainRunInputs, trainInStore } from '../train/train-run.js';
export { version } from '../version.js';
