// What a search takes of memory: its programs, under codes as its method samples them at the beginning.
import { initialAlphas } from '../estimators/initial-alphas.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { type Footprint, footprintOf, type Traced } from '../loop/footprint.js';
import { evaluation, gradients } from '../networks/search-programs.js';
import { optimizerOf } from '../optimizers/weight-settings.js';
import { openStream } from '../random.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import type { SearchNetworks } from '../tasks/search-problem.js';
import { searchTraces } from './programs.js';

/** What is drawn instead of learned takes nothing. */
export function searchFootprint(networks: SearchNetworks, recipe: SearchRecipe): Footprint {
  const { space, supernet } = networks;
  const { create, learns, secondOrder } = METHOD_TABLE[recipe.method];
  if (!learns) return footprintOf([]);
  const alphas = initialAlphas(space, recipe.parameterisation, openStream(recipe.seed, 'alphas'));
  const feedsIn = (phase: Parameters<typeof create>[1]) => {
    const stream = openStream(recipe.seed, 'gumbel');
    return networks.codeFeeds(create(space, phase, recipe).sample(alphas, stream, recipe.temperature.start));
  };
  const programs: Traced[] = [
    ...searchTraces(supernet, recipe, optimizerOf(recipe.weights)).map(({ phase, trace }) => ({
      trace,
      feeds: feedsIn(phase),
    })),
    { trace: () => evaluation(supernet), feeds: feedsIn('weights') },
    ...(secondOrder ? [{ trace: () => gradients(supernet), feeds: feedsIn('architecture') }] : []),
  ];
  return footprintOf(programs, networks.extents);
}
