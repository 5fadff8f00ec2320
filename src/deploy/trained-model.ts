// The network and the weights of a finished training, from the model in its run folder.
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { runFiles } from '../runs/run-folder.js';
import type { InferenceNetwork, NamedWeights } from './model.js';
import { readModelFile } from './model-file.js';
import { metadataIn, openModel } from './opened-model.js';

export interface TrainedModel {
  readonly network: InferenceNetwork;
  /** By PyTorch's names. */
  readonly weights: NamedWeights;
  /** What the model says of its data and its seed, to be carried on. */
  readonly origin: Readonly<Record<string, string>>;
}

/** Metadata that stays true when the same weights are compiled in another form. */
const originKeys = ['seed', 'dataset', 'classes', 'normalisation'];

/** @throws GenonnxError `file-missing` when the folder holds no finished training; `model-corrupt`. */
export async function readTrainedModel(folder: string): Promise<TrainedModel> {
  const path = join(folder, runFiles.model);
  const opened = openModel(await readModel(path, folder), path);
  const metadata = [...metadataIn(opened.proto)].filter(([key]) => originKeys.includes(key));
  return {
    network: opened.network,
    weights: new Map(
      opened.inference.weights.map(({ name, shape }, i) => [
        name,
        { shape, data: opened.data[i] ?? new Float32Array(0) },
      ]),
    ),
    origin: Object.fromEntries(metadata),
  };
}

/** The weights without those of the auxiliary head, which a deployed model rarely wants. */
export function withoutAuxiliaryHead(weights: NamedWeights): NamedWeights {
  return new Map([...weights].filter(([name]) => !name.startsWith('auxiliary_head.')));
}

async function readModel(path: string, folder: string): Promise<Uint8Array> {
  try {
    return await readModelFile(path);
  } catch (error) {
    throw new GenonnxError(
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
}
