// The training of a derived network in a run folder: journal, checkpoints (last and best), and at the end the weights
// under PyTorch's names, the ONNX model and the results.
import { join } from 'node:path';
import { z } from 'zod';
import type { Dataset } from '../../datasets/dataset.js';
import { measureNormalisation } from '../data/normalise.js';
import { compileModel } from '../deploy/compile-model.js';
import type { Engine } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import { bindWeights, inferenceGraph, type Weight } from '../networks/inference.js';
import { metadataOf } from '../networks/metadata.js';
import { stateNames } from '../networks/step.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { readJournal } from '../runs/journal-file.js';
import type { RunFolder } from '../runs/run-folder.js';
import { runFiles } from '../runs/run-store.js';
import { writeSafetensors } from '../runs/safetensors-file.js';
import type { Arrays } from '../runs/snapshot.js';
import type { RunHooks } from '../search/search-run.js';
import type { TrainConfig } from './config.js';
import { runTraining, type TrainEpoch, type TrainResult, trainStateSchema } from './train.js';

export const resultsFile = 'results.json';

export const resultsSchema = z.object({
  testLoss: z.number(),
  testAccuracy: z.number(),
  testImages: z.number(),
  parameters: z.number(),
  auxiliaryParameters: z.number(),
  macs: z.number(),
});
export type Results = z.infer<typeof resultsSchema>;

export interface TrainedChild extends TrainResult {
  readonly results?: Results;
}

export async function trainInFolder(
  folder: RunFolder,
  inputs: {
    readonly config: TrainConfig;
    readonly dataset: Dataset;
    readonly engine: Engine;
    readonly toolVersion: string;
  },
  hooks: RunHooks<TrainEpoch>,
): Promise<TrainedChild> {
  const { config, dataset, engine, toolVersion } = inputs;
  const resumed = await folder.checkpoints.resume(trainStateSchema);
  await folder.journal.truncate(resumed?.journalBytes ?? 0);
  const result = await runTraining({
    config,
    dataset,
    engine,
    resumed,
    best: async () => (await folder.checkpoints.best(trainStateSchema))?.arrays,
    hooks: {
      progress: hooks.progress,
      stopped: hooks.stopped,
      epoch: async (record) => {
        await folder.journal.append(record);
        hooks.epoch(record);
      },
      checkpoint: async (snapshot, best) => {
        await folder.checkpoints.write({ ...snapshot, journalBytes: folder.journal.length, best });
      },
    },
  });
  if (!result.finished) return result;
  const results = await writeModel(folder, result, config, dataset, toolVersion);
  return { ...result, results };
}

async function writeModel(
  folder: RunFolder,
  { network, arrays, testLoss, testAccuracy }: TrainResult,
  config: TrainConfig,
  dataset: Dataset,
  toolVersion: string,
): Promise<Results> {
  const inference = inferenceGraph({ ...network, batch: 'batch' });
  const data = cutWeights(inference.weights, arrays);
  const { cost, parameters, auxiliaryParameters } = inference;
  // The head is there for training only: a model has it where `compile --run --auxiliary` asks for it.
  const deployed = { ...network, auxiliary: false, batch: 'batch' };
  const headless = inferenceGraph(deployed);
  const metadata = metadataOf({
    network: deployed,
    toolVersion,
    seed: config.seed,
    dataset: dataset.name,
    classes: dataset.classes,
    normalisation: measureNormalisation(dataset.train),
    accuracy: testAccuracy,
    cost: { parameters, macs: cost.macs },
  });
  const named = new Map(inference.weights.map(({ name }, i) => [name, data[i] ?? new Float32Array(0)]));
  const kept = headless.weights.map(({ name }) => named.get(name) ?? new Float32Array(0));
  const model = compileModel(bindWeights(headless, kept), { metadata });
  await writeFileAtomic(join(folder.path, runFiles.model), model.bytes);
  await writeSafetensors(
    join(folder.path, runFiles.weights),
    inference.weights.map(({ name, shape }) => [
      name,
      { dtype: 'F32', shape, data: named.get(name) ?? new Float32Array(0) },
    ]),
  );
  const results = {
    testLoss,
    testAccuracy,
    testImages: dataset.test.count,
    parameters,
    auxiliaryParameters,
    macs: cost.macs,
  };
  await folder.writeJson(resultsFile, results);
  return results;
}

/** The weights of the slots, cut from the flat vectors of a run. Training and inference lay them out alike. */
export function cutWeights(weights: readonly Weight[], arrays: Arrays): Float32Array[] {
  const flat = (name: string): Float32Array => {
    const data = arrays[name]?.data;
    if (data instanceof Float32Array) return data;
    throw new GenonnxError('file-corrupt', `The checkpoint has no ${name}.`);
  };
  const vectors = { trainable: flat(stateNames.parameters), fixed: flat(stateNames.statistics) };
  return weights.map(({ offset, size, trainable }) =>
    (trainable ? vectors.trainable : vectors.fixed).slice(offset, offset + size),
  );
}

export const trainEpochSchema = z.object({
  epoch: z.number(),
  learningRate: z.number(),
  dropPath: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number().exactOptional(),
  validationAccuracy: z.number().exactOptional(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
});

export function readTrainJournal(folder: string): Promise<TrainEpoch[]> {
  return readJournal(join(folder, runFiles.journal), trainEpochSchema);
}
