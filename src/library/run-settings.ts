// The settings of a run as its command will resolve them, and the data that it will read, without beginning it.
import { resolve } from 'node:path';
import { GenonnxError } from '../errors.js';
import type { AskedRun } from '../study/child-process.js';
import { withPaths } from '../tasks/given.js';
import type { DataSettings, ReadingSettings, TaskData } from '../tasks/task.js';
import {
  requireSearched,
  type SearchedTaskName,
  searchedTasks,
  TASK_NAMES,
  type TaskName,
  tasks,
} from '../tasks/tasks.js';
import { taskData } from './task-data.js';

export type ResolvedSettings = DataSettings & ReadingSettings & { readonly backbone?: string | undefined };

/** @throws GenonnxError `usage` for settings that cannot be. */
export function resolvedSettings(run: AskedRun): ResolvedSettings {
  return run.kind === 'search'
    ? resolvedSearch(requireSearched(run.task), run)
    : resolvedTraining(run.task, run);
}

function resolvedTraining<T extends TaskName>(task: T, { preset: name, settings, threads }: AskedRun) {
  const { presets, resolve } = tasks[task].training;
  const preset = presets.find((known) => known === name);
  return resolve({ preset, given: withPaths({}, new Map(Object.entries(settings))), threads });
}

function resolvedSearch<T extends SearchedTaskName>(task: T, { preset: name, settings, threads }: AskedRun) {
  const { presets, resolve } = searchedTasks[task].search;
  const preset = presets.find((known) => known === name);
  return resolve({ preset, given: withPaths({}, new Map(Object.entries(settings))), threads });
}

/** Data, and how it is read: what its checksums depend on. */
export interface NamedData {
  readonly task: string;
  /** One of the task's embedded sets, or a folder, with its whole path. */
  readonly name: string;
  readonly limit?: number | undefined;
  readonly skipBroken?: boolean | undefined;
  readonly backbone?: string | undefined;
}

export function dataOf(task: TaskName, { data, limit, skipBroken, backbone }: ResolvedSettings) {
  return {
    task,
    name: tasks[task].embedded.includes(data) ? data : resolve(data),
    ...(limit === undefined ? {} : { limit }),
    ...(skipBroken === undefined ? {} : { skipBroken }),
    ...(backbone === undefined ? {} : { backbone: resolve(backbone) }),
  };
}

/** As this machine has it. @throws GenonnxError `data-missing`, `data-corrupt`, ... */
export async function checksumsOf({ task, name, limit, skipBroken, backbone }: NamedData) {
  const known = TASK_NAMES.find((candidate) => candidate === task);
  if (known === undefined)
    throw new GenonnxError('usage', 'There is no such task.', {
      expected: TASK_NAMES.join(', '),
      found: task,
      cure: 'Use the same version on all machines.',
    });
  const settings = { data: name, limit, skipBroken, ...(backbone === undefined ? {} : { backbone }) };
  const data: TaskData = await taskData[known](settings, () => {});
  await data.close?.();
  return data.checksums;
}
