// The network and the weights of a finished training, from its run folder.
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { requireImageNetwork } from '../networks/deployed.js';
import type { InferenceNetwork } from '../networks/inference.js';
import { metadataIn } from '../networks/metadata.js';
import { readRunKind } from '../runs/run-kind.js';
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
  const opened = await openModelFile(join(folder, runFiles.model)).catch(async (error: unknown) => {
    throw await unfinished(error, folder);
  });
  const { weights } = await readWeights(join(folder, runFiles.weights));
  const metadata = [...metadataIn(opened.proto)].filter(([key]) => originKeys.includes(key));
  return {
    network: requireImageNetwork(opened.network, folder),
    weights,
    origin: Object.fromEntries(metadata),
  };
}

async function unfinished(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof GenonnxError) || error.code !== 'file-missing') return error;
  const kind = (await readRunKind(folder))?.kind;
  return new GenonnxError(
    'file-missing',
    'This folder holds no finished training.',
    {
      where: folder,
      expected: `${runFiles.model}, as a training leaves it`,
      found: kind === undefined ? 'no run' : kind === 'search' ? 'a search' : 'a training that has not ended',
      cure:
        kind === 'search'
          ? 'Train the genotype that it has found, and name the folder of that training.'
          : kind === 'train'
            ? 'Resume the training until it has ended.'
            : 'Name the folder of a training.',
    },
    { cause: error },
  );
}
