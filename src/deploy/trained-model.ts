// The network and the weights of a finished training, from its run folder.
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import type { InferenceNetwork } from '../networks/inference.js';
import { metadataIn } from '../networks/metadata.js';
import { runFiles } from '../runs/run-store.js';
import type { NamedWeights } from './match-weights.js';
import { openModelFile } from './model-file.js';
import { readWeights } from './weights-file.js';

export interface TrainedModel {
  readonly network: InferenceNetwork;
  /** By PyTorch's names, with those of the auxiliary head where the training had one. */
  readonly weights: NamedWeights;
  /** What the model says of its data and its seed, to be carried on. */
  readonly origin: Readonly<Record<string, string>>;
}

/** Metadata that stays true when the same weights are compiled in another form. */
export const originKeys = ['seed', 'dataset', 'classes', 'normalisation', 'accuracy'];

/** Metadata of a model whose numbers were rounded: nobody has measured what it answers since. */
export function withoutAccuracy(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const { accuracy: _, ...rest } = metadata;
  return rest;
}

/** @throws GenonnxError `file-missing` when the folder holds no finished training; `model-corrupt`. */
export async function readTrainedModel(folder: string): Promise<TrainedModel> {
  const opened = await openModelFile(join(folder, runFiles.model)).catch((error: unknown) => {
    throw unfinished(error, folder);
  });
  const { weights } = await readWeights(join(folder, runFiles.weights));
  const metadata = [...metadataIn(opened.proto)].filter(([key]) => originKeys.includes(key));
  return { network: opened.network, weights, origin: Object.fromEntries(metadata) };
}

function unfinished(error: unknown, folder: string): unknown {
  if (!(error instanceof GenonnxError) || error.code !== 'file-missing') return error;
  return new GenonnxError(
    'file-missing',
    'This folder holds no finished training.',
    {
      where: folder,
      expected: `a run folder with ${runFiles.model}`,
      cure: `Finish the run with \`genonnx train --resume ${folder}\`, or name another folder.`,
    },
    { cause: error },
  );
}
