// What an experiment asks of a machine: its searches and its trainings, each once, with epochs and steps. Steps are those in which
// weights learn; in an alternating search each has a step of the alphas beside it.
import type { Method, Study } from '../study/config.js';
import type { PlannedMethod } from '../study/plan.js';
import type { TaskName, TrainingSettingsOf } from '../tasks/tasks.js';
import { isSearched, searchedTaskOf, searchSettingsOf, trainingSettingsOf } from './run-settings.js';

/** Searches of one method, or the trainings of what it finds. */
export interface Work {
  readonly kind: 'search' | 'train';
  readonly method: Method;
  /** Folders, each of which is a run. */
  readonly folders: readonly string[];
  readonly epochs: number;
  /** Of one run, over all of its epochs. */
  readonly steps: number;
  /** Examples (of texts, words) that one run sees of its training data, over all of its epochs. */
  readonly examples: number;
}

/** How much there is to learn from. */
export interface Amounts {
  readonly train: number;
  /** Where searches have other data. */
  readonly search: number;
}

/** The work of a plan, in its order; what several methods have in common once. */
export function workOf(study: Study, plan: readonly PlannedMethod[], amounts: Amounts): Work[] {
  const known = new Set<string>();
  /** Folders that no work before had. */
  const fresh = (folders: readonly string[]): string[] => {
    const others = [...new Set(folders)].filter((folder) => !known.has(folder));
    for (const folder of others) known.add(folder);
    return others;
  };
  return plan.flatMap(({ method, runs }): Work[] => {
    const searches = isSearched(method) ? fresh(runs.map(({ search }) => search)) : [];
    const trainings = study.children === false ? [] : fresh(runs.map(({ child }) => child));
    const works: Work[] = [];
    if (searches.length > 0)
      works.push({
        kind: 'search',
        method,
        folders: searches,
        ...searchAmount(study, method, amounts.search),
      });
    if (trainings.length > 0)
      works.push({
        kind: 'train',
        method,
        folders: trainings,
        ...trainingAmount(study, method, amounts.train),
      });
    return works;
  });
}

type Amount = Pick<Work, 'epochs' | 'steps' | 'examples'>;

function searchAmount(study: Study, method: Method, given: number): Amount {
  const task = searchedTaskOf(study);
  if (task === undefined) throw new RangeError(`Nothing is searched on ${study.task}.`);
  const settings = searchSettingsOf(task, study, method);
  const { epochs, batch, mode, trainFraction } = settings;
  const examples = Math.min(given, study.limit ?? given);
  const window = 'bptt' in settings ? settings.bptt : 1;
  const share = mode === 'joint' ? 1 : trainFraction;
  return {
    epochs,
    examples: epochs * examples,
    steps: epochs * Math.ceil((examples * share) / (batch * window)),
  };
}

type AnyTraining = { readonly [T in TaskName]: TrainingSettingsOf<T> }[TaskName];

function trainingAmount(study: Study, method: Method, given: number): Amount {
  const settings: AnyTraining = trainingSettingsOf(study.task, study, method);
  const { epochs, batch } = settings;
  const examples = Math.min(given, study.limit ?? given);
  if ('steps' in settings && settings.steps !== undefined)
    return { epochs, steps: settings.steps, examples: settings.steps * batch };
  const window = 'bptt' in settings ? settings.bptt : 1;
  const share = 'validationShare' in settings ? 1 - settings.validationShare : 1;
  return {
    epochs,
    examples: epochs * examples,
    steps: epochs * Math.ceil((examples * share) / (batch * window)),
  };
}
