// `genonnx`: what `genonnx/browser` has, and what reads files or runs a model in Node besides. ONNX Runtime, a native module,
// is loaded by the first function that runs a model.
export {
  type CorpusOptions,
  type DataKind,
  EMBEDDED_DATASETS,
  EMBEDDED_TEXTS,
  kindOfData,
  loadCorpus,
  loadDataset,
  type TextCorpus,
} from '../datasets/index.js';
export { readVocabulary } from './data/text/vocabulary-file.js';
export { inspectModel } from './deploy/inspect.js';
export { openModelFile } from './deploy/model-file.js';
export { readLanguageWebParts, readOrtWebParts } from './deploy/ort-web-parts.js';
export {
  type QuantizationReport,
  type QuantizeOptions,
  quantizeModel,
} from './deploy/quantize/quantize-model.js';
export { type ValidatePairRequest, type Validation, validatePair } from './deploy/validate.js';
export { readWeights } from './deploy/weights-file.js';
export * from './entries/browser.js';
export { readAlphas } from './library/alphas.js';
export { type CompiledFiles, type CompileFilesOptions, compileFiles } from './library/compile.js';
export { type ExportOptions, exportModel } from './library/export.js';
export type { Exported } from './library/export-targets.js';
export { readConvolutionalGenotype, readGenotype } from './library/genotype.js';
export { exportLab, type LabOptions } from './library/lab.js';
export { report } from './library/report.js';
export type { Measured } from './library/report-data.js';
