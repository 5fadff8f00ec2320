// The whole settings of a study's searches and trainings, as the commands that it starts will resolve them.
import { sampleGenotype } from '../estimators/random.js';
import { openStream } from '../random.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { Method, Study } from '../study/config.js';
import { withPaths } from '../tasks/given.js';
import {
  SEARCHED_TASK_NAMES,
  type SearchedTaskName,
  type SearchSettingsOf,
  searchedTasks,
  type TaskName,
  type TrainingSettingsOf,
  tasks,
} from '../tasks/tasks.js';

/** Whether the method's genotypes are found by a search. */
export function isSearched({ genotype, random }: Method): boolean {
  return genotype === undefined && random === undefined;
}

/** The task, if it has searches. */
export function searchedTaskOf({ task }: Study): SearchedTaskName | undefined {
  return SEARCHED_TASK_NAMES.find((name) => name === task);
}

/** Of a method's searches. @throws GenonnxError `usage` for settings that cannot be. */
export function searchSettingsOf<T extends SearchedTaskName>(
  task: T,
  study: Study,
  method: Method,
): SearchSettingsOf<T> {
  const { preset, searchPreset = preset, data, searchData = data, limit, threads, search } = study;
  const run = searchedTasks[task].search;
  const settings = withPaths({}, new Map(Object.entries({ ...search, ...method.settings })));
  return run.resolve({
    preset: run.presets.find((known) => known === searchPreset),
    given: { ...settings, data: searchData, limit, seed: 0 },
    threads,
  });
}

/** The text of a genotype of the task that stands for all that are not known yet. */
export function anyGenotype(task: TaskName): string {
  const { form, space } = tasks[task];
  return printGenotypeOf<string>(form, sampleGenotype(space, openStream(0, 'any-genotype')));
}

/** Of a method's trainings, whatever they train. @throws GenonnxError `usage` for settings that cannot be. */
export function trainingSettingsOf<T extends TaskName>(
  task: T,
  study: Study,
  { recipe }: Pick<Method, 'recipe'>,
): TrainingSettingsOf<T> {
  const { preset, data, limit, threads, train } = study;
  const { training } = tasks[task];
  const settings = withPaths({}, new Map(Object.entries({ ...train, ...recipe?.train })));
  return training.resolve({
    preset: training.presets.find((known) => known === preset),
    given: { ...settings, data, limit, seed: 0, genotype: anyGenotype(task) },
    threads,
  });
}
