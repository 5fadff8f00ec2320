// What is exported: a model file of ours, or the folder of a finished training, opened to a graph with its weights.
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { BoundGraph } from '../../graphs/bound-graph.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { GenonnxError } from '../errors.js';
import { requireImageNetwork } from '../networks/deployed.js';
import type { InferenceNetwork } from '../networks/inference.js';
import { metadataIn } from '../networks/metadata.js';
import { asUnreadable } from '../runs/file-errors.js';
import { compile } from './compile.js';
import { type DataFacts, dataFactsIn } from './labels.js';
import { type NamedWeights, withoutAuxiliaryHead } from './match-weights.js';
import { openModelFile } from './model-file.js';
import { originalWeights } from './opened-model.js';
import { type Optimization, optimizeGraph } from './optimize.js';
import { readTrainedModel, withoutAccuracy } from './trained-model.js';

export interface ExportSource {
  /** After its file or folder. */
  readonly name: string;
  readonly network: InferenceNetwork;
  readonly bound: BoundGraph;
  /** What was done to the graph already. */
  readonly optimization: Optimization;
  readonly precision: Precision;
  readonly metadata: Readonly<Record<string, string>>;
  readonly facts: DataFacts;
  /** By PyTorch's names. @throws GenonnxError `usage` where folding, distributing or rounding has changed them. */
  readonly weights: () => NamedWeights;
}

/** @throws GenonnxError `file-missing`, `file-corrupt`, `model-corrupt`. */
export async function openExportSource(path: string, toolVersion: string): Promise<ExportSource> {
  return (await isFolder(path)) ? await fromRun(path, toolVersion) : await fromModel(path);
}

async function fromModel(path: string): Promise<ExportSource> {
  const opened = await openModelFile(path);
  const { bound, optimization, precision } = opened;
  const metadata = metadataIn(opened.proto);
  return {
    name: basename(path, '.onnx'),
    network: requireImageNetwork(opened.network, path),
    bound,
    optimization,
    precision,
    metadata: Object.fromEntries(metadata),
    facts: dataFactsIn(metadata, path),
    weights: () => originalWeights(opened, path),
  };
}

/** Without the auxiliary head: it is there for training. */
async function fromRun(folder: string, toolVersion: string): Promise<ExportSource> {
  const trained = await readTrainedModel(folder);
  const weights = withoutAuxiliaryHead(trained.weights);
  const { network, bound, metadata } = compile({
    ...trained.network,
    auxiliary: false,
    weights,
    metadata: trained.origin,
    toolVersion,
  });
  return {
    name: basename(resolve(folder)),
    network,
    bound,
    optimization: 'none',
    precision: 'float32',
    metadata,
    facts: dataFactsIn(new Map(Object.entries(trained.origin)), folder),
    weights: () => weights,
  };
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
  { bound, optimization: own, metadata, precision: rounded }: ExportSource,
  { optimization = own, precision = rounded }: GraphChanges,
): Prepared {
  const { precision: _, ...rest } = metadata;
  // In this order always: what is exported again unchanged is the same file.
  const saying = (said: Readonly<Record<string, string>>): Prepared['metadata'] =>
    precision === 'float32' ? said : { ...withoutAccuracy(said), precision };
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
