// A model that finds masks for the browser: a folder that any static web server can serve, with the model, a small module that
// finds the class of every pixel, a page that lays them over a picture, and the parts of onnxruntime-web that compute. Nothing in
// it needs another host.
import type { BoundGraph } from '../graphs/bound-graph.js';
import { lowerToOnnx } from '../graphs/onnx/lower.js';
import type { ExportFile } from './export-file.js';
import { type MaskFactsGiven, maskFacts } from './ort-web/mask-facts.js';
import { maskReadme } from './ort-web/readme-masks.js';
import {
  defaultProviders,
  type OrtWebProviders,
  type OrtWebRuntimeFile,
  placeRuntime,
} from './ort-web/runtime.js';
import { maskSiteNames, placeSite } from './ort-web/site-files.js';

export type { MaskColour } from './ort-web/mask-facts.js';

/** What is said of the model; then the parts of the folder that are the same for every model. */
export interface MaskWebOptions extends MaskFactsGiven {
  /** Where the folder can compute: on the processor, and by default on the graphics processor too. */
  readonly providers?: OrtWebProviders;
  /** The files of the page, `maskSiteNames`, each under its name there. */
  readonly site: readonly ExportFile[];
  /** The files that `ortWebRuntimeFiles(providers)` names; more of them do no harm. */
  readonly runtime: readonly OrtWebRuntimeFile[];
}

/**
 * The folder of a model that takes `images` f32[N,C,H,W], N open or 1, C 1 or 3, and has an output `logits` f32[N,classes,H,W].
 * @throws GenonnxError `shape`, `channels` for another model; `usage` for labels, colours or a normalisation that do not fit it;
 * `file-missing` for a part that was not given.
 */
export function toMaskWeb(
  model: BoundGraph,
  { providers = defaultProviders, site, runtime, ...given }: MaskWebOptions,
): ExportFile[] {
  const facts = maskFacts(model, given, providers);
  const { bytes } = lowerToOnnx(model.graph, {
    layout: { kind: 'portable' },
    name: 'genonnx',
    naming: 'readable',
    constants: model.weights,
    metadata: given.metadata,
  });
  const placed = placeRuntime(providers, runtime);
  return [
    { path: 'README.md', content: maskReadme(facts, bytes, placed) },
    ...placeSite(site, maskSiteNames),
    { path: 'model.json', content: `${JSON.stringify(facts, null, 2)}\n` },
    { path: 'model.onnx', content: bytes },
    ...placed,
  ];
}
