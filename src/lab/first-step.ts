// The first step of a run, by itself: what two providers are compared by.
import type { Program, StateLayout } from '../../graphs/program.js';
import type { Feeds } from '../engines/engine.js';
import type { StateSource } from '../engines/transfer.js';
import { initialAlphas } from '../estimators/initial-alphas.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { rateFeed } from '../loop/programs.js';
import { initialState } from '../networks/initial-state.js';
import { type Step, stateLayout } from '../networks/step.js';
import { rateAt } from '../optimizers/schedule.js';
import { optimizerOf } from '../optimizers/weight-settings.js';
import { openStream } from '../random.js';
import { searchTraces } from '../search/programs.js';
import type { SearchRecipe, TrainingRecipe } from '../tasks/recipes.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import type { TrainingProblem } from '../tasks/training-problem.js';

export interface FirstStep {
  readonly program: Program;
  readonly layout: StateLayout;
  readonly initial: StateSource;
  /** Fresh arrays at each call: a step is handed them. */
  readonly feeds: () => Promise<Feeds>;
}

/** Of the weights, under the first code. */
export function firstSearchStep(problem: SearchProblem, recipe: SearchRecipe): FirstStep {
  const traces = searchTraces(problem.supernet, recipe, optimizerOf(recipe.weights));
  const last = traces.at(-1);
  if (last === undefined) throw new RangeError('a search without steps');
  const { create } = METHOD_TABLE[recipe.method];
  return stepOf(last.trace(), recipe.seed, async () => {
    const alphas = initialAlphas(problem.space, recipe.parameterisation, openStream(recipe.seed, 'alphas'));
    const sample = create(problem.space, last.phase, recipe).sample(
      alphas,
      openStream(recipe.seed, 'gumbel'),
      recipe.temperature.start,
    );
    const batch = await problem.weightBatches(undefined).next(0);
    return { ...batch.feeds, ...problem.codeFeeds(sample), ...rateFeed(rateAt(recipe, 0), batch) };
  });
}

export function firstTrainStep(problem: TrainingProblem, recipe: TrainingRecipe): FirstStep {
  return stepOf(problem.step(optimizerOf(recipe.weights)), recipe.seed, async () => {
    const batch = await problem.batches(undefined).next(0);
    return { ...batch.feeds, ...rateFeed(rateAt(recipe, 0), batch) };
  });
}

function stepOf({ program, state }: Step, seed: number, feeds: () => Promise<Feeds>): FirstStep {
  return {
    program,
    layout: stateLayout(state),
    initial: initialState(state, openStream(seed, 'weights')),
    feeds,
  };
}
