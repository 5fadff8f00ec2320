// A language model for the browser: a folder that any static web server can serve, with the model, its words, a small module that
// predicts and writes, a page around it, and the parts of onnxruntime-web that compute. Nothing in it needs another host.
import type { BoundGraph } from '../graphs/bound-graph.js';
import { lowerToOnnx } from '../graphs/onnx/lower.js';
import type { ExportFile } from './export-file.js';
import { type LanguageFactsGiven, languageFacts } from './ort-web/language-facts.js';
import { languageReadme } from './ort-web/readme-language.js';
import { type OrtWebRuntimeFile, placeRuntime } from './ort-web/runtime.js';
import { languageSiteNames, placeSite } from './ort-web/site-files.js';

/** The words, and what is said of the model; then the parts of the folder that are the same for every model. */
export interface LanguageWebOptions extends LanguageFactsGiven {
  /** The files of the page, `languageSiteNames`, each under its name there. */
  readonly site: readonly ExportFile[];
  /** The files that `ortWebRuntimeFiles(['wasm'])` names; more of them do no harm. */
  readonly runtime: readonly OrtWebRuntimeFile[];
}

/**
 * The folder of a model that takes `input_ids` i64[batch, sequence] and `past_recurrent.0` f32[1, batch, width], and has
 * `logits` f32[batch, sequence, words] and `present_recurrent.0`; the batch is open or 1, the sequence open. It computes on the
 * processor: a word at a time is little work for a graphics processor.
 * @throws GenonnxError `shape` for another model; `usage` for a vocabulary that does not fit it; `file-missing` for a part that was not given.
 */
export function toLanguageWeb(
  model: BoundGraph,
  { site, runtime, ...given }: LanguageWebOptions,
): ExportFile[] {
  const { metadata, vocabulary } = given;
  const facts = languageFacts(model, given);
  const { bytes } = lowerToOnnx(model.graph, {
    layout: { kind: 'portable' },
    name: 'genonnx',
    naming: 'readable',
    constants: model.weights,
    metadata,
  });
  const placed = placeRuntime(['wasm'], runtime);
  return [
    { path: 'README.md', content: languageReadme(facts, bytes, placed) },
    ...placeSite(site, languageSiteNames),
    { path: 'model.json', content: `${JSON.stringify(facts, null, 2)}\n` },
    { path: facts.vocabulary, content: `${vocabulary.join('\n')}\n` },
    { path: 'model.onnx', content: bytes },
    ...placed,
  ];
}
