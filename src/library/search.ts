// `search()`: what the command does. Finds a genotype on data of a task, in a folder that can be resumed, or in memory.
import { searchFootprint } from '../search/footprint.js';
import type { SearchEpoch, SearchProbe, SearchResult } from '../search/search.js';
import { searchInStore } from '../search/search-run.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import {
  type CellOf,
  type DataOf,
  type PrimitiveOf,
  requireSearched,
  type SearchedTaskName,
  type SearchGivenOf,
  type SearchSettingsOf,
  searchedTasks,
  type TaskShapes,
} from '../tasks/tasks.js';
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

/** The problem of a search of the task. */
type ProblemOf<T extends SearchedTaskName> = SearchProblem<CellOf<T>, PrimitiveOf<T>>;

function searchKind<T extends SearchedTaskName>(
  task: T,
): RunKind<SearchSettingsOf<T>, DataOf<T>, ProblemOf<T>> {
  const { schema, problem, sizes } = searchedTasks[task].search;
  return {
    kind: 'search',
    task,
    schema,
    load: taskData[task],
    problem,
    requireMemory: (settings, data) => requireMemory({ sizes, footprint: searchFootprint }, settings, data),
  };
}

/** What to search on, with which settings, where to, and who is told. Nothing of it has to be said. */
export interface SearchOptions<T extends SearchedTaskName = 'classification'> extends Watch<SearchEpoch> {
  /** Default: classification. */
  readonly task?: T;
  readonly preset?: TaskShapes[T]['searchPreset'] | undefined;
  /** What differs from the preset. */
  readonly settings?: SearchGivenOf<T>;
  /** Of the machine. Default: as many as it has cores, at most 4. */
  readonly threads?: number;
  /** Asked after each epoch, with what evaluates genotypes inside of the supernet. */
  readonly probe?: SearchProbe | undefined;
  /** A new or empty folder; without one the run is kept in memory and gone with its result. */
  readonly out?: string;
}

/** A search, and what it was of: of one of several tasks, which `task` tells apart. */
export type Search<T extends SearchedTaskName = 'classification'> = { readonly [K in T]: SearchOf<K> }[T];

interface SearchOf<T extends SearchedTaskName> extends SearchResult<CellOf<T>, PrimitiveOf<T>> {
  readonly task: T;
  /** The folder that it lies in, or `memory`. */
  readonly place: string;
  /** Everything that determined it. */
  readonly settings: SearchSettingsOf<T>;
  /** The genotype as one line of text. */
  readonly text: string;
}

/**
 * Searches a genotype. Without data it takes what comes with the package.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `diverged`, `engine`, ...
 */
export function search(options?: SearchOptions): Promise<Search>;
export function search<T extends SearchedTaskName>(
  options: SearchOptions<T> & { readonly task: T },
): Promise<Search<T>>;
export function search({
  task = 'classification',
  ...options
}: SearchOptions<SearchedTaskName> = {}): Promise<Search<SearchedTaskName>> {
  return begin(task, options);
}

async function begin<T extends SearchedTaskName>(
  task: T,
  { preset, settings: given = {}, threads = defaultThreads(), out, probe, ...watch }: SearchOptions<T>,
): Promise<Search<T>> {
  const settings = searchedTasks[task].search.resolve({ preset, given, threads });
  return runSession(task, await beginRun(searchKind(task), settings, out, noteOf(watch)), watch, probe);
}

/** Goes on with the search in a folder; `settings` may ask for more epochs. @throws GenonnxError `resume-mismatch`, ... */
export async function resumeSearch(
  path: string,
  {
    settings = {},
    ...watch
  }: { readonly settings?: SearchGivenOf<SearchedTaskName> } & Watch<SearchEpoch> = {},
): Promise<Search<SearchedTaskName>> {
  const { folder, task: own } = await openRunOf('search', path);
  const task = requireSearched(own);
  return runSession(task, await continueRun(searchKind(task), folder, settings, noteOf(watch)), watch);
}

async function runSession<T extends SearchedTaskName>(
  task: T,
  session: Session<SearchSettingsOf<T>, ProblemOf<T>>,
  watch: Watch<SearchEpoch>,
  probe?: SearchProbe,
): Promise<Search<T>> {
  const { store, place, settings, problem, engine } = session;
  return within(session, async () => {
    announce(session, watch);
    const result = await searchInStore(store, { recipe: settings, problem, engine, probe }, hooksOf(watch));
    return { ...result, task, place, settings, text: printGenotypeOf(problem.space, result.genotype) };
  });
}
