// The targets of an export for language models.
import { printVocabulary } from '../../datasets/text/vocabulary.js';
import type { ExportFile } from '../../exporters/export-file.js';
import { recordOf } from '../data/text/vocabulary-record.js';
import type { LanguageSource } from '../deploy/export-source.js';
import { tiedWeights } from '../deploy/language-weights.js';
import { withoutScores } from '../deploy/trained-model.js';
import { GenonnxError } from '../errors.js';
import type { LanguageModels } from '../networks/recurrent/models.js';
import { version } from '../version.js';
import {
  defaultFileName,
  notesOnWeights,
  type Target,
  type TargetOptions,
  type Writer,
} from './export-targets.js';

export const languageTargets: { readonly [T in Target]: Writer<LanguageSource> } = {
  onnx: async ({ models, vocabulary, metadata, precision: own }, options) => {
    const { languageFiles } = await import('../deploy/language-files.js');
    const { opset, externalData, precision = own } = options;
    const { files } = languageFiles(rounded(models, precision), {
      fileName: options.fileName ?? defaultFileName,
      vocabulary,
      precision,
      ...(opset === undefined ? {} : { opset }),
      ...(externalData === undefined ? {} : { externalData }),
    });
    return { files, notes: notesOnWeights(metadata) };
  },
  'ort-web': async ({ name, models, vocabulary }) => {
    const [{ toLanguageWeb }, { readLanguageWebParts }] = [
      await import('../../exporters/ort-web-language.js'),
      await import('../deploy/ort-web-parts.js'),
    ];
    const words = requireWords(vocabulary, name);
    const { sequence } = rounded(models, 'float32');
    const metadata = inFolder(sequence.metadata, words);
    const page = { name, metadata, vocabulary: words, ...(await readLanguageWebParts()) };
    return {
      files: toLanguageWeb(sequence.bound, page),
      notes: notesOnWeights(metadata, ', and the page says so'),
    };
  },
  tfjs: async ({ name, models, vocabulary }) => {
    const { toTfjs } = await import('../../exporters/tfjs.js');
    const { step } = rounded(models, 'float32');
    const metadata = inFolder(step.metadata, vocabulary);
    const files = toTfjs(step.bound, { name, metadata, toolVersion: version });
    return { files: [...files, ...wordFiles(vocabulary)], notes: notesOnWeights(metadata) };
  },
  pytorch: async ({ network, weights, metadata, vocabulary }) => {
    const { toPyTorchLanguage } = await import('../../exporters/pytorch.js');
    const tensors = [...tiedWeights(weights())].map(([name, { shape, data }]) => ({ name, shape, data }));
    const files = toPyTorchLanguage({
      network,
      genotype: network.genotype,
      weights: tensors,
      metadata: inFolder(metadata, vocabulary),
    });
    return { files: [...files, ...wordFiles(vocabulary)], notes: notesOnWeights(metadata) };
  },
  'hugging-face': async (source, { opset }) => {
    const { languageFolder } = await import('../deploy/hugging-face.js');
    const words = requireWords(source.vocabulary, source.name);
    const { sequence, step } = source.models;
    const models = {
      sequence: { ...sequence, metadata: inFolder(sequence.metadata, words) },
      step: { ...step, metadata: inFolder(step.metadata, words) },
    };
    const files = await languageFolder({ ...source, models }, words, opset);
    return { files, notes: notesOnWeights(sequence.metadata, ', and the card says so') };
  },
  dot: async ({ network }) => ({
    files: (await import('../../exporters/dot.js')).toDot(network.genotype),
    notes: [],
  }),
  svg: async ({ network }) => ({
    files: await (await import('../../exporters/svg.js')).toSvg(network.genotype),
    notes: [],
  }),
};

type Words = readonly string[] | undefined;

/** What a vocabulary is called in a folder. */
const vocabularyFile = 'vocabulary.txt';

/** @throws GenonnxError `file-missing` for a model without a vocabulary. */
function requireWords(vocabulary: Words, name: string): readonly string[] {
  if (vocabulary !== undefined) return vocabulary;
  throw new GenonnxError(
    'file-missing',
    'This model has no vocabulary: it knows its words by their numbers alone.',
    {
      where: name,
      expected: 'a vocabulary, which this target shows words of',
      cure: 'Name the file as `vocabulary`, one word a line.',
    },
  );
}

function wordFiles(vocabulary: Words): ExportFile[] {
  return vocabulary === undefined ? [] : [{ path: vocabularyFile, content: printVocabulary(vocabulary) }];
}

/** Metadata of a model whose vocabulary lies in the same folder. */
function inFolder(metadata: Readonly<Record<string, string>>, vocabulary: Words): Record<string, string> {
  const record =
    vocabulary === undefined ? {} : { vocabulary: JSON.stringify(recordOf(vocabulary, vocabularyFile)) };
  return { ...metadata, ...record };
}

/** The models as they say what they are stored in: nobody has measured what rounded ones answer. */
function rounded(
  { sequence, step }: LanguageModels,
  precision: NonNullable<TargetOptions['precision']>,
): LanguageModels {
  const saying = ({
    metadata: { precision: _, ...metadata },
    ...model
  }: typeof sequence): typeof sequence => ({
    ...model,
    metadata: precision === 'float32' ? metadata : { ...withoutScores(metadata), precision },
  });
  return { sequence: saying(sequence), step: saying(step) };
}
