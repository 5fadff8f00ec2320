// One training of a table: a network from its fresh weights to its last epoch, without checkpoints, and what it is worth after
// some of the epochs on every part of the data. The last state counts, whatever the others were: nothing is chosen by the test
// examples, whose scores are there to be looked at.
import type { Engine } from '../engines/engine.js';
import { Meter } from '../loop/meter.js';
import { rateFeed } from '../loop/programs.js';
import { phasesOf } from '../optimizers/phases.js';
import { rateAt } from '../optimizers/schedule.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import { TrainingPrograms } from '../train/programs.js';
import type { CellEpoch } from './rows.js';

export interface CellTraining {
  readonly recipe: TrainingRecipe;
  readonly problem: TrainingProblem;
  /** Whether an epoch, from 1, is evaluated; the last one always is. */
  readonly isKept: (epoch: number) => boolean;
}

/** @throws GenonnxError `diverged`, `engine`, and what the problem throws. */
export async function trainCell(
  { recipe, problem, isKept }: CellTraining,
  engine: Engine,
): Promise<CellEpoch[]> {
  const { measures, validation, test } = problem;
  const phases = phasesOf(recipe.weights);
  const programs = await TrainingPrograms.open({ engine, problem, phases, seed: recipe.seed }, undefined);
  const batches = problem.batches(undefined);
  const epochs: CellEpoch[] = [];
  try {
    for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
      const meter = new Meter(measures);
      const rate = rateAt(recipe, epoch - 1);
      let done = 0;
      for (let step = 1; done < 1; step++) {
        const next = await batches.next(epoch - 1);
        const feeds = { ...next.feeds, ...rateFeed(rate, next) };
        meter.add(await programs.step(feeds, `epoch ${epoch}, step ${step}`), next.examples);
        done = next.done;
      }
      const train = meter.scores();
      if (!isKept(epoch) && epoch < recipe.epochs) {
        epochs.push({ epoch, train });
        continue;
      }
      const held = validation === undefined ? undefined : await programs.evaluate(validation);
      epochs.push({
        epoch,
        train,
        ...(held === undefined ? {} : { validation: held }),
        test: await programs.evaluate(test),
      });
    }
  } finally {
    await programs.dispose();
  }
  return epochs;
}
