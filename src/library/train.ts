// `train()`: what the command does. Trains the network of a genotype and ships it, in a folder that can be resumed, or in
// memory.
import { runFiles } from '../runs/run-store.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import { printGenotypeOf } from '../spaces/print.js';
import {
  type DataOf,
  type GenotypeOf,
  type TaskName,
  type TaskShapes,
  type TrainingGivenOf,
  type TrainingSettingsOf,
  tasks,
} from '../tasks/tasks.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import { trainingFootprint } from '../train/footprint.js';
import type { TrainEpoch } from '../train/train.js';
import { type Results, trainInStore } from '../train/train-run.js';
import { requireMemory } from './memory.js';
import {
  beginRun,
  continueRun,
  defaultThreads,
  openRunOf,
  type RunKind,
  type Session,
  within,
} from './session.js';
import { taskData } from './task-data.js';
import { announce, hooksOf, noteOf, type Watch } from './watch.js';

function trainingKind<T extends TaskName>(
  task: T,
): RunKind<TrainingSettingsOf<T>, DataOf<T>, TrainingProblem> {
  const { schema, problem, sizes } = tasks[task].training;
  return {
    kind: 'train',
    task,
    schema,
    load: taskData[task],
    problem,
    requireMemory: (settings, data) => requireMemory({ sizes, footprint: trainingFootprint }, settings, data),
  };
}

/** Which network to train, on what, with which settings, where to, and who is told. */
export interface TrainOptions<T extends TaskName = 'classification'> extends Watch<TrainEpoch> {
  /** Default: classification. */
  readonly task?: T;
  /** Or its text. */
  readonly genotype: GenotypeOf<T> | string;
  readonly preset?: TaskShapes[T]['trainingPreset'] | undefined;
  /** What differs from the preset. */
  readonly settings?: TrainingGivenOf<T>;
  /** Of the machine. Default: as many as it has cores, at most 4. */
  readonly threads?: number;
  /** A new or empty folder; without one the run is kept in memory. */
  readonly out?: string;
}

/** What a training came to; nothing but what it is of and where it lies, where it was stopped before its end. */
export interface Training {
  readonly task: TaskName;
  readonly place: string;
  readonly results?: Results;
  /** The bytes of the trained ONNX model. */
  readonly model?: Uint8Array;
}

/**
 * Trains the network of a genotype and exports it. Without data it takes what comes with the package.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `diverged`, `engine`, ...
 */
export function train(options: TrainOptions): Promise<Training>;
export function train<T extends TaskName>(options: TrainOptions<T> & { readonly task: T }): Promise<Training>;
export function train({ task = 'classification', ...options }: TrainOptions<TaskName>): Promise<Training> {
  return begin(task, options);
}

async function begin<T extends TaskName>(
  task: T,
  { genotype, preset, settings, threads = defaultThreads(), out, ...watch }: TrainOptions<T>,
): Promise<Training> {
  const { form, training } = tasks[task];
  const cells = typeof genotype === 'string' ? parseGenotypeOf(form, genotype) : genotype;
  const given = { ...settings, genotype: printGenotypeOf(form, cells) };
  const resolved = training.resolve({ preset, given, threads });
  return runSession(await beginRun(trainingKind(task), resolved, out, noteOf(watch)), task, watch);
}

/** Goes on with the training in a folder; `settings` may ask for more epochs. @throws GenonnxError `resume-mismatch`, ... */
export async function resumeTraining(
  path: string,
  { settings = {}, ...watch }: { readonly settings?: TrainingGivenOf<TaskName> } & Watch<TrainEpoch> = {},
): Promise<Training> {
  const { folder, task } = await openRunOf('train', path);
  return runSession(await continueRun(trainingKind(task), folder, settings, noteOf(watch)), task, watch);
}

async function runSession<T extends TaskName>(
  session: Session<TrainingSettingsOf<T>, TrainingProblem>,
  task: T,
  watch: Watch<TrainEpoch>,
): Promise<Training> {
  const { store, place, settings: recipe, problem, engine } = session;
  return within(session, async () => {
    announce(session, watch);
    const results = await trainInStore(store, { recipe, problem, engine }, hooksOf(watch));
    if (results === undefined) return { task, place };
    const model = await store.read(runFiles.model);
    return { task, place, results, ...(model === undefined ? {} : { model }) };
  });
}
