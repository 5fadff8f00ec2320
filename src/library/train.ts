// `train()`: what the command does. Trains the network of a genotype and ships it, in a folder that can be resumed, or in
// memory.
import { inferenceGraph } from '../networks/inference.js';
import { runFiles } from '../runs/run-store.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { printGenotype } from '../spaces/print.js';
import { resolveTraining, type TrainingRequest } from '../tasks/classification/resolve-training.js';
import { childNetwork, classificationTraining } from '../tasks/classification/training.js';
import { type TrainConfig, trainConfigSchema } from '../tasks/classification/training-settings.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import type { TrainEpoch } from '../train/train.js';
import { type Results, trainInStore } from '../train/train-run.js';
import { version } from '../version.js';
import { beginRun, continueRun, defaultThreads, type RunKind, type Session } from './session.js';
import { announce, hooksOf, type Watch } from './watch.js';

export const trainingKind: RunKind<TrainConfig, TrainingProblem> = {
  kind: 'train',
  schema: trainConfigSchema,
  // What cannot be built is refused before a folder is made.
  problem(settings, dataset) {
    inferenceGraph({ ...childNetwork(settings, dataset), batch: 1 });
    return classificationTraining(settings, dataset, version);
  },
};

/** Which network to train, on what, with which settings, where to, and who is told. */
export interface TrainOptions extends Partial<Omit<TrainingRequest, 'given'>>, Watch<TrainEpoch> {
  readonly genotype: ConvolutionalGenotype;
  /** What differs from the preset. */
  readonly settings?: Omit<TrainingRequest['given'], 'genotype'>;
  /** A new or empty folder; without one the run is kept in memory. */
  readonly out?: string;
}

/** What a training came to; nothing but where it lies, where it was stopped before its end. */
export interface Training {
  readonly place: string;
  readonly results?: Results;
  /** The bytes of the trained ONNX model. */
  readonly model?: Uint8Array;
}

/**
 * Trains the network of a genotype and exports it. Without data it takes the images that come with the package.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `diverged`, `engine`, ...
 */
export async function train({
  genotype,
  preset,
  settings = {},
  threads = defaultThreads(),
  out,
  ...watch
}: TrainOptions): Promise<Training> {
  const given = { ...settings, genotype: printGenotype(genotype) };
  const config = resolveTraining({ preset, given, threads });
  return runSession(await beginRun(trainingKind, config, out, noteOf(watch)), watch);
}

/** Goes on with the training in a folder; `settings` may ask for more epochs. @throws GenonnxError `resume-mismatch`, ... */
export async function resumeTraining(
  folder: string,
  { settings = {}, ...watch }: Pick<TrainOptions, 'settings'> & Watch<TrainEpoch> = {},
): Promise<Training> {
  return runSession(await continueRun(trainingKind, folder, settings, noteOf(watch)), watch);
}

async function runSession(
  session: Session<TrainConfig, TrainingProblem>,
  watch: Watch<TrainEpoch>,
): Promise<Training> {
  const { store, place, settings: recipe, problem, engine } = session;
  announce(session, watch);
  try {
    const results = await trainInStore(store, { recipe, problem, engine }, hooksOf(watch));
    if (results === undefined) return { place };
    const model = await store.read(runFiles.model);
    return { place, results, ...(model === undefined ? {} : { model }) };
  } finally {
    await session.close();
  }
}

function noteOf({ onNote }: Watch<TrainEpoch>): (text: string) => void {
  return (text) => onNote?.(text);
}
