// The network and the weights of a finished training, from its run folder.
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { type DeployedNetwork, isLanguageModel } from '../networks/deployed.js';
import { metadataIn } from '../networks/metadata.js';
import { readRunKind } from '../runs/run-kind.js';
import { runFiles } from '../runs/run-store.js';
import { METRIC_NAMES } from '../tasks/tasks.js';
import type { NamedWeights } from './match-weights.js';
import { openModelFile } from './model-file.js';
import { vocabularyOf } from './model-vocabulary.js';
import { readWeights } from './weights-file.js';

export interface TrainedModel {
  readonly network: DeployedNetwork;
  /** By PyTorch's names, with those of the auxiliary head where the training had one. */
  readonly weights: NamedWeights;
  /** The words of a language model. */
  readonly vocabulary?: readonly string[];
  /** What the model says of its data and its seed, to be carried on. */
  readonly origin: Readonly<Record<string, string>>;
}

/** Metadata that stays true when the same weights are compiled in another form. */
export const originKeys = [
  'seed',
  'dataset',
  'classes',
  'normalisation',
  'palette',
  'preprocessing',
  ...METRIC_NAMES,
];

/** Metadata of a model whose numbers were rounded: nobody has measured what it answers since. */
export function withoutScores(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !METRIC_NAMES.includes(key)));
}

/**
 * @param words the file of a language model's words, where it is not the one in the folder.
 * @throws GenonnxError `file-missing` when the folder holds no finished training; `model-corrupt`.
 */
export async function readTrainedModel(folder: string, words?: string): Promise<TrainedModel> {
  const model = join(folder, runFiles.model);
  const { proto, network } = await openModelFile(model).catch(async (error: unknown) => {
    throw await unfinished(error, folder);
  });
  const { weights } = await readWeights(join(folder, runFiles.weights));
  const metadata = metadataIn(proto);
  const vocabulary = isLanguageModel(network)
    ? await vocabularyOf({ model, metadata, rows: network.words, given: words })
    : undefined;
  const origin = [...metadata].filter(([key]) => originKeys.includes(key));
  return {
    network,
    weights,
    ...(vocabulary === undefined ? {} : { vocabulary }),
    origin: Object.fromEntries(origin),
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
