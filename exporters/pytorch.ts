// The PyTorch target. A network with its weights comes in; out come `weights.safetensors`, with the names that the
// released PyTorch definitions give them, and `model.py`, a module of one file that computes the network and reads the
// weights with nothing but PyTorch.
import { encodeSafetensors, type SafeTensor } from '../graphs/safetensors.js';
import type { ExportFile } from './export-file.js';
import type { PyTorchLanguageModel } from './pytorch/language-model.js';
import { languageSource } from './pytorch/language-source.js';
import type { PyTorchModel, PyTorchWeight } from './pytorch/model.js';
import { moduleSource } from './pytorch/module-source.js';
import type { PyTorchSegmentationModel } from './pytorch/segmentation-model.js';
import { segmentationSource } from './pytorch/segmentation-source.js';

export type { PyTorchLanguageModel } from './pytorch/language-model.js';
export type {
  PyTorchCell,
  PyTorchGenotype,
  PyTorchModel,
  PyTorchNetwork,
  PyTorchWeight,
} from './pytorch/model.js';
export type { PyTorchSegmentationModel } from './pytorch/segmentation-model.js';

/**
 * `model.py` and `weights.safetensors`. The weights are stored bit for bit as they come; the metadata goes into both.
 * @throws GenonnxError `shape` for a weight whose data does not fill its shape.
 */
export function toPyTorch(model: PyTorchModel): ExportFile[] {
  return filesOf(moduleSource(model), model);
}

/**
 * The same for a language model, whose module takes `input_ids` i64[batch, sequence] and a hidden state f32[1, batch, width].
 * @throws GenonnxError `shape` for a weight whose data does not fill its shape.
 */
export function toPyTorchLanguage(model: PyTorchLanguageModel): ExportFile[] {
  return filesOf(languageSource(model), model);
}

/**
 * The same for a segmentation network, whose module takes images f32[N,C,H,W] to logits f32[N,classes,H,W].
 * @throws GenonnxError `shape` for a weight whose data does not fill its shape.
 */
export function toPyTorchSegmentation(model: PyTorchSegmentationModel): ExportFile[] {
  return filesOf(segmentationSource(model), model);
}

function filesOf(
  source: string,
  { weights, metadata }: { weights: readonly PyTorchWeight[]; metadata: Readonly<Record<string, string>> },
): ExportFile[] {
  const tensors = weights.map(({ name, shape, data }): [string, SafeTensor] => [
    name,
    { dtype: 'F32', shape, data },
  ]);
  return [
    { path: 'model.py', content: source },
    { path: 'weights.safetensors', content: encodeSafetensors(tensors, Object.entries(metadata)) },
  ];
}
