// The training of a derived network that is kept: journal, checkpoints (last and best), and at the end what the task
// ships, and the results.
import { z } from 'zod';
import type { Engine } from '../engines/engine.js';
import { scoresSchema } from '../loop/meter.js';
import { keepIn, type RunHooks } from '../loop/stored-run.js';
import type { RunStore } from '../runs/run-store.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import { runTraining, type TrainEpoch, trainStateSchema } from './train.js';

export const resultsFile = 'results.json';

export const resultsSchema = z.object({
  /** Loss and metrics of the best state on the test examples. */
  test: scoresSchema,
  testExamples: z.number(),
  /** Of the network that was shipped. */
  figures: z.object({ parameters: z.number(), macs: z.number() }).catchall(z.number()),
  /** What else is to be known of them, in words. */
  notes: z.record(z.string(), z.string()).exactOptional(),
  /** How often the training went back to its best state, where it may. */
  restored: z.int().min(0).exactOptional(),
});
/** Scores on the test examples, and figures of the network that was shipped. */
export type Results = z.infer<typeof resultsSchema>;

/** What a training is of, with which settings, and on what it runs. */
export interface TrainRunInputs {
  readonly recipe: TrainingRecipe;
  readonly problem: TrainingProblem;
  readonly engine: Engine;
}

/** Starts or continues the training of a run. @returns undefined where it was stopped before its end. */
export async function trainInStore(
  store: RunStore,
  { recipe, problem, engine }: TrainRunInputs,
  watch: RunHooks<TrainEpoch>,
): Promise<Results | undefined> {
  const { resumed, hooks } = await keepIn(store, trainStateSchema, watch);
  const best = () => store.checkpoints.best(trainStateSchema);
  const result = await runTraining({ recipe, problem, engine, resumed, hooks, best });
  if (!result.finished) return undefined;
  const { test, restored } = result;
  const { files, figures, notes } = problem.ship(result);
  for (const { name, data } of files) await store.write(name, data);
  const results: Results = {
    test,
    testExamples: problem.testExamples,
    figures,
    ...(notes === undefined ? {} : { notes }),
    ...(restored === undefined ? {} : { restored }),
  };
  await store.writeJson(resultsFile, results);
  return results;
}
