// What is exported: a model file of ours, or the folder of a finished training, opened to a graph with its weights.
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { GenonnxError } from '../errors.js';
import { type ImageNetwork, isLanguageModel } from '../networks/deployed.js';
import { descriptionOf, metadataIn } from '../networks/metadata.js';
import type { LanguageModel } from '../networks/recurrent/inference.js';
import { type LanguageModels, languageModels } from '../networks/recurrent/models.js';
import { asUnreadable } from '../runs/file-errors.js';
import { readJson } from '../runs/json-file.js';
import { wrongKindError } from '../spaces/kinds.js';
import { type Results, resultsFile, resultsSchema } from '../train/train-run.js';
import { compileNetwork } from './compile.js';
import { compileLanguage } from './compile-language.js';
import { type DataFacts, dataFactsIn } from './labels.js';
import { type NamedWeights, withoutAuxiliaryHead } from './match-weights.js';
import { openModelFile } from './model-file.js';
import { vocabularyOf } from './model-vocabulary.js';
import { originalWeights } from './opened-model.js';
import { type Optimization, optimizeGraph } from './optimize.js';
import { readTrainedModel, withoutScores } from './trained-model.js';

interface Source {
  /** After its file or folder. */
  readonly name: string;
  readonly precision: Precision;
  readonly metadata: Readonly<Record<string, string>>;
  /** By PyTorch's names. @throws GenonnxError `usage` where folding, distributing or rounding has changed them. */
  readonly weights: () => NamedWeights;
  /** What the training came to, where the source is one. @throws GenonnxError `file-corrupt`. */
  readonly results: () => Promise<Results | undefined>;
}

/** An image network. */
export interface ImageSource extends Source {
  readonly kind: 'convolutional';
  readonly network: ImageNetwork;
  readonly bound: BoundGraph;
  /** What was done to the graph already. */
  readonly optimization: Optimization;
  readonly facts: DataFacts;
}

/** A language model, whichever of its two models was opened. */
export interface LanguageSource extends Source {
  readonly kind: 'recurrent';
  readonly network: LanguageModel;
  readonly models: LanguageModels;
  /** The words; undefined for a model without a vocabulary. */
  readonly vocabulary: readonly string[] | undefined;
}

export type ExportSource = ImageSource | LanguageSource;

export interface SourceOptions {
  readonly toolVersion: string;
  /** The file of a language model's words, where it is not the one beside the model. */
  readonly vocabulary?: string | undefined;
}

/** @throws GenonnxError `file-missing`, `file-corrupt`, `model-corrupt`; `weights-mismatch` for another vocabulary. */
export async function openExportSource(path: string, options: SourceOptions): Promise<ExportSource> {
  return (await isFolder(path)) ? await fromRun(path, options) : await fromModel(path, options);
}

/** The source, if it is an image network. @throws GenonnxError `genotype-kind`. */
export function requireImageSource(source: ExportSource): ImageSource {
  if (source.kind === 'convolutional') return source;
  throw wrongKindError('recurrent', 'convolutional', source.name);
}

async function fromModel(path: string, { vocabulary: given }: SourceOptions): Promise<ExportSource> {
  const opened = await openModelFile(path);
  const { network, inference, bound, optimization, precision } = opened;
  const said = metadataIn(opened.proto);
  const metadata = Object.fromEntries(said);
  const common = {
    name: basename(path, '.onnx'),
    precision,
    metadata,
    weights: () => originalWeights(opened, path),
    results: async () => undefined,
  };
  if (!isLanguageModel(network))
    return { ...common, kind: 'convolutional', network, bound, optimization, facts: dataFactsIn(said, path) };
  const vocabulary = await vocabularyOf({ model: path, metadata: said, rows: network.words, given });
  const data = inference.weights.map(
    ({ value, size }) => bound.weights.get(value)?.data ?? new Float32Array(size),
  );
  const models = languageModels(network, data, (each) => ({ ...metadata, ...descriptionOf(each) }));
  return { ...common, kind: 'recurrent', network, models, vocabulary };
}

/** An image network comes without its auxiliary head: it is there for training. */
async function fromRun(
  folder: string,
  { toolVersion, vocabulary: given }: SourceOptions,
): Promise<ExportSource> {
  const { network, weights: all, vocabulary, origin } = await readTrainedModel(folder, given);
  const common = {
    name: basename(resolve(folder)),
    precision: 'float32',
    results: () => resultsIn(folder),
  } as const;
  if (isLanguageModel(network)) {
    const { models } = compileLanguage({
      ...network,
      weights: all,
      vocabulary,
      metadata: origin,
      toolVersion,
    });
    return {
      ...common,
      kind: 'recurrent',
      network,
      models,
      metadata: models.sequence.metadata,
      vocabulary,
      weights: () => all,
    };
  }
  const weights = withoutAuxiliaryHead(all);
  const headless = 'auxiliary' in network ? { ...network, auxiliary: false } : network;
  const compiled = compileNetwork(headless, { weights, metadata: origin, toolVersion });
  return {
    ...common,
    kind: 'convolutional',
    network: compiled.network,
    bound: compiled.bound,
    optimization: 'none',
    metadata: compiled.metadata,
    facts: dataFactsIn(new Map(Object.entries(origin)), folder),
    weights: () => weights,
  };
}

/** A folder that was put together by hand may have none. */
async function resultsIn(folder: string): Promise<Results | undefined> {
  try {
    return await readJson(join(folder, resultsFile), resultsSchema);
  } catch (error) {
    if (error instanceof GenonnxError && error.code === 'file-missing') return undefined;
    throw error;
  }
}

/** What is asked of the graph; what is not stays as it is. */
export interface GraphChanges {
  readonly optimization?: Optimization;
  readonly precision?: Precision;
}

export interface Prepared {
  readonly bound: BoundGraph;
  readonly metadata: Readonly<Record<string, string>>;
  readonly precision: Precision;
}

/**
 * The graph as it is to be written. A model that was rounded already stays so.
 * @throws GenonnxError `usage` for one that was optimized in another way already.
 */
export function prepared(
  { bound, optimization: own, metadata, precision: rounded }: ImageSource,
  { optimization = own, precision = rounded }: GraphChanges,
): Prepared {
  const { precision: _, ...rest } = metadata;
  // In this order always: what is exported again unchanged is the same file.
  const saying = (said: Readonly<Record<string, string>>): Prepared['metadata'] =>
    precision === 'float32' ? said : { ...withoutScores(said), precision };
  if (optimization === own) return { bound, metadata: saying(rest), precision };
  if (own !== 'none') {
    throw new GenonnxError('usage', 'This model was optimized already.', {
      expected: `\`optimization\` ${own}, or a model as it was traced`,
      found: `\`optimization\` ${optimization}`,
      cure: 'Compile the model again without `optimization`.',
    });
  }
  return {
    bound: optimizeGraph(bound, optimization),
    metadata: saying({ ...rest, optimize: optimization }),
    precision,
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw asUnreadable(error, path, 'a model that genonnx compiled, or the folder of a finished training');
  }
}
