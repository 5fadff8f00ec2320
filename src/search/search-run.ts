// A search that is kept: journal line an epoch, checkpoints, and at the end the genotype and the alphas.
import type { Engine } from '../engines/engine.js';
import { printAlphasFile } from '../estimators/alphas-file.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { keepIn, type RunHooks } from '../loop/stored-run.js';
import { type RunStore, runFiles } from '../runs/run-store.js';
import { toJson } from '../spaces/print.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import {
  runSearch,
  type SearchEpoch,
  type SearchProbe,
  type SearchResult,
  searchStateSchema,
} from './search.js';

export const alphasFile = 'alphas.json';

/** What a search is of, with which settings, and on what it runs. */
export interface SearchRunInputs<Name extends string = string, Primitive extends string = string> {
  readonly recipe: SearchRecipe;
  readonly problem: SearchProblem<Name, Primitive>;
  readonly engine: Engine;
  readonly probe?: SearchProbe | undefined;
}

/** Starts or continues the search of a run, wherever its last checkpoint stands. */
export async function searchInStore<Name extends string, Primitive extends string>(
  store: RunStore,
  inputs: SearchRunInputs<Name, Primitive>,
  watch: RunHooks<SearchEpoch>,
): Promise<SearchResult<Name, Primitive>> {
  const { recipe, problem } = inputs;
  const { resumed, hooks } = await keepIn(store, searchStateSchema, watch);
  const result = await runSearch({ ...inputs, resumed, hooks });
  if (!result.finished) return result;
  await store.writeJson(runFiles.genotype, toJson(result.genotype));
  const { method, samples, scope, parameterisation } = recipe;
  if (!METHOD_TABLE[method].learns) return result;
  const alphas = printAlphasFile({
    space: problem.space,
    alphas: result.alphas,
    rule: { samples, scope, parameterisation },
    method,
  });
  await store.write(alphasFile, alphas);
  return result;
}
