// `search()`: what the command does. Finds a genotype on a data set, in a folder that can be resumed, or in memory.
import type { SearchEpoch, SearchResult } from '../search/search.js';
import { searchInStore } from '../search/search-run.js';
import { type ConvolutionalCell, type ConvolutionalPrimitive, DARTS_SPACE } from '../spaces/convolutional.js';
import { resolveSearch, type SearchRequest } from '../tasks/classification/resolve-search.js';
import { type ClassifierSearch, classificationSearch } from '../tasks/classification/search.js';
import { type SearchConfig, searchConfigSchema } from '../tasks/classification/search-settings.js';
import { beginRun, continueRun, defaultThreads, type RunKind, type Session } from './session.js';
import { announce, hooksOf, type Watch } from './watch.js';

export const searchKind: RunKind<SearchConfig, ClassifierSearch> = {
  kind: 'search',
  schema: searchConfigSchema,
  problem: (settings, dataset) => classificationSearch(settings, dataset, DARTS_SPACE),
};

/** What to search on, with which settings, where to, and who is told. Nothing of it has to be said. */
export interface SearchOptions extends Partial<Omit<SearchRequest, 'given'>>, Watch<SearchEpoch> {
  /** What differs from the preset. */
  readonly settings?: SearchRequest['given'];
  /** A new or empty folder; without one the run is kept in memory and gone with its result. */
  readonly out?: string;
}

/** A search and the folder that it lies in, or `memory`. */
export interface Search extends SearchResult<ConvolutionalCell, ConvolutionalPrimitive> {
  readonly place: string;
  /** Everything that determined it. */
  readonly settings: SearchConfig;
}

/**
 * Searches a genotype. Without data it takes the images that come with the package.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `diverged`, `engine`, ...
 */
export async function search({
  preset,
  settings = {},
  latency,
  threads = defaultThreads(),
  out,
  ...watch
}: SearchOptions = {}): Promise<Search> {
  const config = resolveSearch({ preset, given: settings, latency, threads });
  return runSession(await beginRun(searchKind, config, out, noteOf(watch)), watch);
}

/** Goes on with the search in a folder; `settings` may ask for more epochs. @throws GenonnxError `resume-mismatch`, ... */
export async function resumeSearch(
  folder: string,
  { settings = {}, ...watch }: Pick<SearchOptions, 'settings'> & Watch<SearchEpoch> = {},
): Promise<Search> {
  return runSession(await continueRun(searchKind, folder, settings, noteOf(watch)), watch);
}

async function runSession(
  session: Session<SearchConfig, ClassifierSearch>,
  watch: Watch<SearchEpoch>,
): Promise<Search> {
  const { store, place, settings, problem, engine } = session;
  announce(session, watch);
  try {
    const result = await searchInStore(store, { recipe: settings, problem, engine }, hooksOf(watch));
    return { ...result, place, settings };
  } finally {
    await session.close();
  }
}

function noteOf({ onNote }: Watch<SearchEpoch>): (text: string) => void {
  return (text) => onNote?.(text);
}
