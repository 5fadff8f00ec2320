// A model for the browser: a folder that any static web server can serve, with the model, a small module that classifies
// pictures, a page around it, and the parts of onnxruntime-web that compute. Nothing in it needs another host.
import type { BoundGraph } from '../graphs/bound-graph.js';
import { lowerToOnnx } from '../graphs/onnx/lower.js';
import type { ExportFile } from './export-file.js';
import { type FactsGiven, modelFacts } from './ort-web/facts.js';
import { readme } from './ort-web/readme.js';
import {
  defaultProviders,
  type OrtWebProviders,
  type OrtWebRuntimeFile,
  placeRuntime,
} from './ort-web/runtime.js';
import { siteFiles } from './ort-web/site-files.js';

export type { PixelNormalisation } from './ort-web/facts.js';
export { type OrtWebProviders, type OrtWebRuntimeFile, ortWebRuntimeFiles } from './ort-web/runtime.js';

/** `metadata` is written into the model too. Without `classes` they are numbered; without `normalisation` there is none. */
export interface OrtWebOptions extends FactsGiven {
  /** Where the folder can compute: on the processor, and by default on the graphics processor too. */
  readonly providers?: OrtWebProviders;
  /**
   * The files that `ortWebRuntimeFiles(providers)` names, read from `node_modules/onnxruntime-web/dist`, each under its
   * name there. More of them do no harm.
   */
  readonly runtime: readonly OrtWebRuntimeFile[];
}

/**
 * The folder of a model that takes `images` f32[N,C,H,W], N open or 1, C 1 or 3, and has an output `logits`
 * f32[N,classes]. Other outputs are left out.
 * @throws GenonnxError `shape`, `channels` for another model; `usage` for labels or normalisation that do not fit it;
 * `file-missing` for a part of onnxruntime-web that was not given.
 */
export function toOrtWeb(model: BoundGraph, options: OrtWebOptions): ExportFile[] {
  const { providers = defaultProviders, metadata } = options;
  const facts = modelFacts(model, options, providers);
  const runtime = placeRuntime(providers, options.runtime);
  const outputs = model.graph.outputs.filter(({ name }) => name === 'logits');
  const { bytes } = lowerToOnnx(
    { ...model.graph, outputs },
    { layout: { kind: 'portable' }, name: 'genonnx', naming: 'readable', constants: model.weights, metadata },
  );
  return [
    { path: 'README.md', content: readme(facts, providers, bytes, runtime) },
    ...siteFiles(),
    { path: 'model.json', content: `${JSON.stringify(facts, null, 2)}\n` },
    { path: 'model.onnx', content: bytes },
    ...runtime,
  ];
}
