// The layout in which the Hugging Face Hub has models: `config.json`, `onnx/model.onnx`, and a model card with what was measured,
// whose first lines the Hub reads. Nothing is sent anywhere: it is a folder, and who wants to uploads it.
import { GenonnxError } from '../graphs/errors.js';
import type { ExportFile } from './export-file.js';
import { modelCard } from './hugging-face/card.js';
import { configOf, preprocessorOf } from './hugging-face/config.js';
import type { ModelCard } from './hugging-face/model.js';

export type { HuggingFaceImages, HuggingFaceTexts, ModelCard } from './hugging-face/model.js';

/** A model as ONNX files, and what its card says. */
export interface HuggingFaceModel extends ModelCard {
  /** Below `onnx/`; one of them is `model.onnx`. */
  readonly models: readonly ExportFile[];
}

/**
 * `README.md`, `config.json`, the models below `onnx/`; of images `preprocessor_config.json`, of a language model
 * `vocabulary.txt`.
 * @throws GenonnxError `usage` where there is no `model.onnx` among the models.
 */
export function toHuggingFace({ models, ...card }: HuggingFaceModel): ExportFile[] {
  if (!models.some(({ path }) => path === 'model.onnx')) {
    throw new GenonnxError('usage', 'The layout of Hugging Face has a model of a certain name.', {
      expected: 'model.onnx',
      found: models.map(({ path }) => path).join(', ') || 'no models',
    });
  }
  const files: ExportFile[] = [
    { path: 'config.json', content: json(configOf(card)) },
    besideConfig(card),
    ...models.map(({ path, content }) => ({ path: `onnx/${path}`, content })),
  ];
  const paths = files.map(({ path }) => path);
  return [{ path: 'README.md', content: modelCard(card, paths) }, ...files];
}

/** What turns pictures, or words, into what the model is fed. */
function besideConfig({ network }: ModelCard): ExportFile {
  return network.task === 'image-classification'
    ? { path: 'preprocessor_config.json', content: json(preprocessorOf(network)) }
    : { path: 'vocabulary.txt', content: `${network.vocabulary.join('\n')}\n` };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
