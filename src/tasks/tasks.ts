// The tasks that there are. A further one is a name in `names.ts`, its types and its row here, how its data is read
// (`src/library/task-data.ts`), and its options on the command line (`src/cli/run-settings.ts`): each table is typed by the
// names, so that what is missing does not compile.
import { GenonnxError } from '../errors.js';
import type { Metric } from '../loop/meter.js';
import type { Genotype } from '../spaces/genotype.js';
import type { Operation } from '../spaces/search-space.js';
import { type Classification, classification } from './classification/task.js';
import type { Given } from './given.js';
import { type Language, language } from './language/task.js';
import { SEARCHED_TASK_NAMES, type SearchedTaskName, type TaskName } from './names.js';
import { type OneCell, oneCell } from './one-cell/task.js';
import { type Segmentation, segmentation } from './segmentation/task.js';
import type { SearchedTask, Task } from './task.js';

export { SEARCHED_TASK_NAMES, type SearchedTaskName, TASK_NAMES, type TaskName } from './names.js';

/** The types of each. */
export interface TaskShapes {
  readonly classification: Classification;
  readonly language: Language;
  readonly 'one-cell': OneCell;
  readonly segmentation: Segmentation;
}

/** The tasks that networks are searched on, by their names. */
export const searchedTasks: { readonly [T in SearchedTaskName]: SearchedTask<TaskShapes[T]> } = {
  classification,
  language,
  'one-cell': oneCell,
};

/** Every task, by its name. */
export const tasks: { readonly [T in TaskName]: Task<TaskShapes[T]> } = {
  ...searchedTasks,
  segmentation,
};

/** The metrics of all the tasks, each name once: what several tasks call alike is alike. */
export const METRICS: readonly Metric[] = [
  ...new Map(
    Object.values(tasks).flatMap(({ measures }) => measures.metrics.map((metric) => [metric.name, metric])),
  ).values(),
];

/** What results call them. */
export const METRIC_NAMES: readonly string[] = METRICS.map(({ name }) => name);

/** The metric of a task that results call so; its first one where there is none. */
export function metricOf(task: TaskName, name: string): Metric {
  const { metrics } = tasks[task].measures;
  return metrics.find((metric) => metric.name === name) ?? metrics[0];
}

/** @throws GenonnxError `usage` for a task that has no searches, with where its genotypes come from. */
export function requireSearched(task: TaskName): SearchedTaskName {
  const searched = SEARCHED_TASK_NAMES.find((name) => name === task);
  if (searched !== undefined) return searched;
  throw new GenonnxError(
    'usage',
    `Networks for ${task} are not searched: they are built of what was found elsewhere.`,
    {
      where: '`task`',
      expected: SEARCHED_TASK_NAMES.join(', '),
      found: task,
      cure: `Search on classification, then train what it finds: \`task\` ${task} with the folder of the search as \`genotype\`.`,
    },
  );
}

export type CellOf<T extends TaskName> = TaskShapes[T]['cell'];
export type PrimitiveOf<T extends TaskName> = TaskShapes[T]['primitive'];
export type GenotypeOf<T extends TaskName> = {
  readonly [K in T]: Genotype<CellOf<K>, Operation<PrimitiveOf<K>>>;
}[T];
export type DataOf<T extends TaskName> = TaskShapes[T]['data'];

/** Whole settings, and what is given of them. */
export type SearchSettingsOf<T extends SearchedTaskName> = TaskShapes[T]['search'];
export type TrainingSettingsOf<T extends TaskName> = TaskShapes[T]['training'];
export type SearchGivenOf<T extends SearchedTaskName> = Given<SearchSettingsOf<T>>;
export type TrainingGivenOf<T extends TaskName> = Omit<Given<TrainingSettingsOf<T>>, 'genotype'>;
