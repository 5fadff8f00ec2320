// A run in whatever place it is given, on an engine that is at hand: what `library/session.ts` does on a machine with files. What it
// leaves is a run folder like any other, so that it goes on there, and what was made there goes on here.
import type { Dataset, ImageSet } from '../../datasets/dataset.js';
import { limitImages } from '../../datasets/limit.js';
import type { Engine } from '../engines/engine.js';
import type { RunHooks } from '../loop/stored-run.js';
import {
  continuedOn,
  type Manifest,
  manifestSchema,
  requireSameData,
  type Surroundings,
} from '../runs/manifest.js';
import type { NamedFiles } from '../runs/named-files.js';
import { createRun, openRun, type RunStore, runFiles } from '../runs/run-store.js';
import type { SearchEpoch } from '../search/search.js';
import { searchInStore } from '../search/search-run.js';
import type { SearchConfig } from '../tasks/classification/search-settings.js';
import { classification } from '../tasks/classification/task.js';
import type { TrainConfig } from '../tasks/classification/training-settings.js';
import type { TrainEpoch } from '../train/train.js';
import { trainInStore } from '../train/train-run.js';
import { type FirstStep, firstSearchStep, firstTrainStep } from './first-step.js';
import { unknownRun } from './unknown-run.js';

/** What runs are made of here. */
export interface Here {
  /** All of the data; a run may take less. */
  readonly data: Dataset;
  readonly tools: Surroundings['tools'];
}

/** A run that is open, before its first step here. */
export interface OpenRun {
  readonly store: RunStore;
  readonly epochs: number;
  readonly threads: number;
  /** What it is of, in words. */
  readonly description: string;
  readonly firstStep: () => FirstStep;
  /** Goes on from its last checkpoint. @returns whether it came to its end. */
  run(engine: Engine, hooks: RunHooks<SearchEpoch | TrainEpoch>): Promise<boolean>;
}

type Kind = 'search' | 'train';

/** @throws GenonnxError `usage`, `output-exists`, `run-locked`, `output-unwritable`. */
export async function beginSearch(files: NamedFiles, settings: SearchConfig, here: Here): Promise<OpenRun> {
  return await openSearch(settings, here, () => createRun(files, manifestOf('search', settings, here)));
}

/** @throws GenonnxError as `beginSearch`, and for a genotype that is none. */
export async function beginTraining(files: NamedFiles, settings: TrainConfig, here: Here): Promise<OpenRun> {
  return await openTraining(settings, here, () => createRun(files, manifestOf('train', settings, here)));
}

/** Opens a run that was stopped, wherever it was made. @throws GenonnxError `resume-mismatch`, `run-locked`, `file-missing`. */
export async function continueHere(files: NamedFiles, here: Here): Promise<OpenRun> {
  const store = await openRun(files);
  try {
    const search = manifestSchema('search', 'classification', classification.search.schema).safeParse(
      store.config,
    );
    if (search.success) {
      const { settings } = search.data;
      return await openSearch(settings, here, () => goingOn(store, search.data, here));
    }
    const train = manifestSchema('train', 'classification', classification.training.schema).safeParse(
      store.config,
    );
    if (train.success) {
      const { settings } = train.data;
      return await openTraining(settings, here, () => goingOn(store, train.data, here));
    }
    throw unknownRun(files, train.error);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openSearch(
  settings: SearchConfig,
  { data }: Here,
  open: () => Promise<RunStore>,
): Promise<OpenRun> {
  // Settings that do not fit the data are refused before anything is written.
  const problem = classification.search.problem(settings, limited(data, settings.limit));
  const store = await open();
  return {
    store,
    epochs: settings.epochs,
    threads: settings.threads,
    description: problem.description,
    firstStep: () => firstSearchStep(problem, settings),
    run: async (engine, hooks) =>
      (await searchInStore(store, { recipe: settings, problem, engine }, hooks)).finished,
  };
}

async function openTraining(
  settings: TrainConfig,
  { data }: Here,
  open: () => Promise<RunStore>,
): Promise<OpenRun> {
  const problem = classification.training.problem(settings, limited(data, settings.limit));
  const store = await open();
  return {
    store,
    epochs: settings.epochs,
    threads: settings.threads,
    description: problem.description,
    firstStep: () => firstTrainStep(problem, settings),
    run: async (engine, hooks) =>
      (await trainInStore(store, { recipe: settings, problem, engine }, hooks)) !== undefined,
  };
}

function limited(data: Dataset, limit: number | undefined): Dataset<ImageSet> {
  return limit === undefined ? data : { ...data, train: limitImages(data.train, limit) };
}

function manifestOf<C>(kind: Kind, settings: C, { data, tools }: Here): Manifest<C> {
  return {
    kind,
    task: 'classification',
    settings,
    engine: 'ort',
    layout: { kind: 'portable' },
    data: { name: data.name, checksums: data.checksums },
    tools,
  };
}

/** The store of a run that goes on here, which it says where it was made elsewhere. */
async function goingOn(
  store: RunStore,
  manifest: Manifest<unknown>,
  { data, tools }: Here,
): Promise<RunStore> {
  requireSameData(manifest, data);
  const { continued: before = [] } = manifest;
  const continued = continuedOn(manifest, { engine: 'ort', tools });
  if (continued.length > before.length)
    await store.writeJson(runFiles.config, { ...store.config, continued });
  return store;
}
