// The training of a derived network. The best state by the task's first metric on held-out examples is kept beside the last;
// the test examples are read once, at the end.
import { z } from 'zod';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import { prepareChecked } from '../engines/checked.js';
import type { Engine } from '../engines/engine.js';
import { readState, writeState } from '../engines/transfer.js';
import { batchSourceSchema } from '../loop/batch-source.js';
import { type LoopHooks, type Position, positionSchema, runEpochs } from '../loop/epochs.js';
import { isBetter, Meter, meterSchema, type Scores } from '../loop/meter.js';
import { evaluate, rateFeed, runStep } from '../loop/programs.js';
import { initialState } from '../networks/initial-state.js';
import { stateLayout } from '../networks/step.js';
import { rateAt } from '../optimizers/schedule.js';
import { optimizerOf } from '../optimizers/weight-settings.js';
import { openStream } from '../random.js';
import type { Arrays, Snapshot } from '../runs/snapshot.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { TrainingProblem } from '../tasks/training-problem.js';

/** What an epoch of a training came to. */
export interface TrainEpoch {
  /** From 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** What else held in this epoch, such as a drop probability. */
  readonly conditions: Readonly<Record<string, number>>;
  readonly train: Scores;
  /** On the held-out examples; absent without any. */
  readonly validation?: Scores;
  /** Times differ from run to run; everything above does not. */
  readonly seconds: number;
  readonly examplesPerSecond: number;
}

export const trainStateSchema = z.object({
  ...positionSchema.shape,
  batches: batchSourceSchema,
  meter: meterSchema,
  /** The first metric of the best state so far. */
  best: z.number().exactOptional(),
});
export type TrainState = z.infer<typeof trainStateSchema>;

export interface TrainInputs {
  readonly recipe: TrainingRecipe;
  /** The one that the recipe names when absent. */
  readonly optimizer?: Optimizer;
  readonly problem: TrainingProblem;
  readonly engine: Engine;
  readonly hooks: LoopHooks<TrainEpoch>;
  readonly resumed?: { readonly state: TrainState; readonly arrays: Arrays } | undefined;
  /** The best checkpoint so far, for the final test. */
  readonly best: () => Promise<Arrays | undefined>;
}

export type TrainResult =
  | { readonly finished: false }
  | {
      readonly finished: true;
      /** Parameters and statistics of the best state (the last one without held-out examples). */
      readonly arrays: Arrays;
      readonly test: Scores;
    };

/** @throws GenonnxError `diverged`, `engine`, and what the problem throws. */
export async function runTraining(inputs: TrainInputs): Promise<TrainResult> {
  const { recipe, problem, engine, hooks, resumed } = inputs;
  const { measures } = problem;
  const batches = problem.batches(resumed?.state.batches);
  const step = problem.step(inputs.optimizer ?? optimizerOf(recipe.weights));
  const layout = stateLayout(step.state);
  const state = await engine.createState(layout);
  const fresh = () => initialState(step.state, openStream(recipe.seed, 'weights'));
  await writeState(state, layout, resumed?.arrays ?? fresh());
  const training = await prepareChecked(engine, step.program, state);
  const evaluating = await engine.prepare(problem.evaluation().program, state);

  let meter = new Meter(measures, resumed?.state.meter);
  let examples = 0;
  let best = resumed?.state.best;
  const rateIn = (epoch: number): number => rateAt(recipe, epoch);
  const finished = await runEpochs<TrainEpoch>(
    {
      epochs: recipe.epochs,
      checkpointSeconds: recipe.checkpointSeconds,
      async step(epoch, at) {
        const next = batches.next(epoch);
        const feeds = { ...next.feeds, ...rateFeed(rateIn(epoch), next) };
        meter.add(await runStep(training, feeds, `epoch ${epoch + 1}, step ${at + 1}`), next.examples);
        examples += next.examples;
        return next.done;
      },
      async finish(epoch, { seconds }) {
        const { validation } = problem;
        const held =
          validation === undefined ? undefined : (await evaluate(evaluating, validation, measures)).scores();
        const isBest = held === undefined || isBetter(measures, held, best);
        if (held !== undefined && isBest) best = held[measures.metrics[0].name];
        const record: TrainEpoch = {
          epoch: epoch + 1,
          learningRate: rateIn(epoch),
          conditions: problem.conditions(epoch),
          train: meter.scores(),
          ...(held === undefined ? {} : { validation: held }),
          seconds,
          examplesPerSecond: examples / seconds,
        };
        meter = new Meter(measures);
        examples = 0;
        return { record, best: isBest, ends: false };
      },
      async snapshot(position: Position): Promise<Snapshot> {
        const current: TrainState = {
          ...position,
          batches: batches.state(),
          meter: meter.state(),
          ...(best === undefined ? {} : { best }),
        };
        return { arrays: await readState(state, layout), state: current };
      },
    },
    hooks,
    resumed?.state,
  );
  if (!finished) return { finished };

  const arrays = (await inputs.best()) ?? (await readState(state, layout));
  await writeState(state, layout, arrays);
  const test = (await evaluate(evaluating, problem.test, measures)).scores();
  return { finished, arrays, test };
}
