// A language model as ONNX files: both models, and the vocabulary beside them.
import { printVocabulary } from '../../datasets/text/vocabulary.js';
import type { ExportFile } from '../../exporters/export-file.js';
import { type OnnxFileOptions, toOnnx } from '../../exporters/onnx.js';
import type { LoweredModel } from '../../graphs/onnx/lower.js';
import { recordOf } from '../data/text/vocabulary-record.js';
import type { LanguageForm } from '../networks/recurrent/inference.js';
import type { LanguageModels } from '../networks/recurrent/models.js';

/** How the models are written, what the first file is called, and the words in the order of the table's rows. */
export interface LanguageFileOptions extends Omit<OnnxFileOptions, 'metadata'> {
  readonly vocabulary?: readonly string[] | undefined;
}

/** What is written, and what it consists of. */
export interface LanguageFiles {
  /** The model of `sequence` without a name of its own; the others lie beside it. */
  readonly files: readonly ExportFile[];
  readonly lowered: { readonly [F in LanguageForm]: LoweredModel };
  /** Names of what lies beside it; a vocabulary only where there is one. */
  readonly names: { readonly step: string; readonly vocabulary?: string };
}

/** `lm.onnx` is followed by `lm.step.onnx` and `lm.vocabulary.txt`. */
export function besideModel(fileName: string, suffix: string): string {
  return `${fileName.replace(/\.onnx$/, '')}.${suffix}`;
}

/** Both models, with the vocabulary's name in their metadata. @throws GenonnxError `usage` for weights that the precision does not hold. */
export function languageFiles(
  { sequence, step }: LanguageModels,
  { fileName, vocabulary, ...options }: LanguageFileOptions,
): LanguageFiles {
  const vocabularyName = besideModel(fileName, 'vocabulary.txt');
  const named = (metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    vocabulary === undefined
      ? metadata
      : { ...metadata, vocabulary: JSON.stringify(recordOf(vocabulary, vocabularyName)) };
  const stepName = besideModel(fileName, 'step.onnx');
  const whole = toOnnx(sequence.bound, { ...options, fileName, metadata: named(sequence.metadata) });
  const single = toOnnx(step.bound, { ...options, fileName: stepName, metadata: named(step.metadata) });
  return {
    files: [
      ...whole.files,
      ...single.files.map(({ path, content }) => ({ path: path === '' ? stepName : path, content })),
      ...(vocabulary === undefined ? [] : [{ path: vocabularyName, content: printVocabulary(vocabulary) }]),
    ],
    lowered: { sequence: whole.model, step: single.model },
    names: { step: stepName, ...(vocabulary === undefined ? {} : { vocabulary: vocabularyName }) },
  };
}
