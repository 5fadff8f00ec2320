// Models in the layout of the Hugging Face Hub: what the card says comes from the folder of the training, or else from the model's
// own metadata.
import type { ExportFile } from '../../exporters/export-file.js';
import { type ModelCard, toHuggingFace } from '../../exporters/hugging-face.js';
import { toOnnx } from '../../exporters/onnx.js';
import { descriptionOf } from '../networks/metadata.js';
import { printRecurrentGenotype } from '../spaces/print.js';
import { METRIC_NAMES } from '../tasks/tasks.js';
import type { ImageSource, LanguageSource, Prepared } from './export-source.js';
import type { DataFacts } from './labels.js';
import { languageFiles } from './language-files.js';

/** The folder of an image network. @throws GenonnxError `file-corrupt` for results that cannot be read. */
export async function classifierFolder(
  { name, network, results }: ImageSource,
  { bound, metadata, precision }: Prepared,
  { classes, normalisation, preprocessing }: DataFacts,
  opset: number | undefined,
): Promise<ExportFile[]> {
  const { cells, initChannels, image } = network;
  const { files } = toOnnx(bound, {
    fileName: modelName,
    metadata,
    precision,
    ...(opset === undefined ? {} : { opset }),
  });
  return toHuggingFace({
    name,
    network: {
      task: 'image-classification',
      architecture: network.name,
      cells,
      initChannels,
      image,
      classes: classes ?? Array.from({ length: network.classes }, (_, i) => `class ${i}`),
      ...(normalisation === undefined ? {} : { normalisation }),
      ...(preprocessing === undefined ? {} : { preprocessing }),
    },
    genotype: descriptionOf(network).genotype,
    metadata,
    ...(await measured(metadata, results)),
    models: named(files),
  });
}

/** The folder of a language model. @throws GenonnxError `file-corrupt` for results that cannot be read. */
export async function languageFolder(
  { name, network, models, precision, results }: LanguageSource,
  vocabulary: readonly string[],
  opset: number | undefined,
): Promise<ExportFile[]> {
  const { width, combination } = network;
  const { metadata } = models.sequence;
  const { files } = languageFiles(models, {
    fileName: modelName,
    precision,
    ...(opset === undefined ? {} : { opset }),
  });
  return toHuggingFace({
    name,
    network: { task: 'text-generation', width, combination, vocabulary },
    genotype: printRecurrentGenotype(network.genotype),
    metadata,
    ...(await measured(metadata, results)),
    models: named(files),
  });
}

const modelName = 'model.onnx';

/** `model.step.onnx` is called `model_step.onnx` there, as other forms of a model are. */
function named(files: readonly ExportFile[]): ExportFile[] {
  return files.map(({ path, content }) => ({
    path: path === '' ? modelName : path.replace('model.step.', 'model_step.'),
    content,
  }));
}

/** Scores and figures: those of the training, or those that the model says of itself. */
async function measured(
  metadata: Readonly<Record<string, string>>,
  results: ImageSource['results'],
): Promise<Pick<ModelCard, 'scores' | 'figures' | 'testExamples'>> {
  const found = await results();
  if (found !== undefined)
    return { scores: found.test, figures: found.figures, testExamples: found.testExamples };
  const numbers = (keys: readonly string[]): Record<string, number> =>
    Object.fromEntries(
      keys.flatMap((key) => (metadata[key] === undefined ? [] : [[key, Number(metadata[key])]])),
    );
  return { scores: numbers(METRIC_NAMES), figures: numbers(['parameters', 'macs']) };
}
