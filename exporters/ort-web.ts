// A model for the browser: a folder that any static web server can serve, with the model, a small module that classifies
// pictures, a page around it, and the parts of onnxruntime-web that compute. Nothing in it needs another host.
import type { BoundGraph } from '../graphs/bound-graph.js';
import { lowerToOnnx } from '../graphs/onnx/lower.js';
import { decodeModel } from '../graphs/onnx/model.js';
import type { ExportFile } from './export-file.js';
import { type ClassifierShape, type ImageShape, requireImage } from './ort-web/classifier-shape.js';
import { type FactsGiven, type ModelFacts, modelFacts } from './ort-web/facts.js';
import { readme } from './ort-web/readme.js';
import {
  defaultProviders,
  type OrtWebProviders,
  type OrtWebRuntimeFile,
  placeRuntime,
} from './ort-web/runtime.js';
import { shapeOfGraph } from './ort-web/shape-of-graph.js';
import { shapeOfModel } from './ort-web/shape-of-model.js';
import { placeSite, preprocessingNames, siteNames } from './ort-web/site-files.js';

export type { ModelFacts, PicturePreprocessing, PixelNormalisation } from './ort-web/facts.js';
export { type OrtWebProviders, type OrtWebRuntimeFile, ortWebRuntimeFiles } from './ort-web/runtime.js';

/** Without `classes` they are numbered; without `normalisation` there is none. */
export interface OrtWebOptions extends FactsGiven {
  /** How large the images are: needed where the model leaves it open. */
  readonly image?: ImageShape;
  /** Where the folder can compute: on the processor, and by default on the graphics processor too. */
  readonly providers?: OrtWebProviders;
  /** The files of the page, `exporters/ort-web/site`, and of the preprocessing, each under its name in the folder. */
  readonly site: readonly ExportFile[];
  /**
   * The files that `ortWebRuntimeFiles(providers)` names, read from `node_modules/onnxruntime-web/dist`, each under its
   * name there. More of them do no harm.
   */
  readonly runtime: readonly OrtWebRuntimeFile[];
}

export type FactsOptions = Omit<OrtWebOptions, 'site' | 'runtime'>;

/**
 * The folder of a model that takes `images` f32[N,C,H,W], N open or 1, C 1 or 3, and has an output `logits`
 * f32[N,classes]. Other outputs are left out; the metadata is written into the model too.
 * @throws GenonnxError `shape`, `channels` for another model; `usage` for labels or normalisation that do not fit it;
 * `file-missing` for a part that was not given.
 */
export function toOrtWeb(model: BoundGraph, options: OrtWebOptions): ExportFile[] {
  const { metadata } = options;
  const facts = ortWebFacts(model, options);
  const outputs = model.graph.outputs.filter(({ name }) => name === facts.output.name);
  const { bytes } = lowerToOnnx(
    { ...model.graph, outputs },
    { layout: { kind: 'portable' }, name: 'genonnx', naming: 'readable', constants: model.weights, metadata },
  );
  return folderOf(facts, bytes, options);
}

/** What the page will know of a model. @throws GenonnxError as `toOrtWeb`. */
export function ortWebFacts(model: BoundGraph, options: FactsOptions): ModelFacts {
  return factsOf(shapeOfGraph(model), options);
}

/**
 * The folder of anybody's classifier in ONNX, whose file goes into it as it is: one input, float32 [N,C,H,W], and an output
 * float32 [N,classes], logits or probabilities. Inside, it may calculate with integers.
 * @throws GenonnxError `model-corrupt` for bytes that are no model; `shape`, `channels` for another model; `usage` for what
 * does not fit it; `file-missing` for a part that was not given.
 */
export function onnxToOrtWeb(model: Uint8Array, options: OrtWebOptions): ExportFile[] {
  return folderOf(onnxFacts(model, options), model, options);
}

/** What the page will know of it. @throws GenonnxError as `onnxToOrtWeb`. */
export function onnxFacts(model: Uint8Array, options: FactsOptions): ModelFacts {
  return factsOf(shapeOfModel(decodeModel(model, options.name), options.image), options);
}

function factsOf(
  shape: ClassifierShape,
  { providers = defaultProviders, image, ...given }: FactsOptions,
): ModelFacts {
  requireImage(shape.image, image);
  return modelFacts(shape, given, providers);
}

function folderOf(
  facts: ModelFacts,
  model: Uint8Array,
  { providers = defaultProviders, site, runtime }: OrtWebOptions,
): ExportFile[] {
  const placed = placeRuntime(providers, runtime);
  return [
    { path: 'README.md', content: readme(facts, providers, model, placed) },
    ...placeSite(site, facts.preprocessing === null ? siteNames : [...siteNames, ...preprocessingNames]),
    { path: 'model.json', content: `${JSON.stringify(facts, null, 2)}\n` },
    { path: 'model.onnx', content: model },
    ...placed,
  ];
}
