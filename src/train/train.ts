// The training of a derived network. The best state by the task's first metric on held-out examples is kept beside the last;
// the test examples are read once, at the end. Where several optimizers follow each other, the held-out losses say when.
import { z } from 'zod';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { Engine } from '../engines/engine.js';
import { batchSourceSchema } from '../loop/batch-source.js';
import { DataWait } from '../loop/data-wait.js';
import { type LoopHooks, type Position, positionSchema, runEpochs } from '../loop/epochs.js';
import { isBetter, Meter, meterSchema, type Scores, type Totals } from '../loop/meter.js';
import { rateFeed } from '../loop/programs.js';
import { type Phases, phasesOf, stalls } from '../optimizers/phases.js';
import { rateAt } from '../optimizers/schedule.js';
import type { Arrays, Snapshot } from '../runs/snapshot.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { TrainingProblem } from '../tasks/training-problem.js';
import { type Standing, TrainingPrograms } from './programs.js';
import { stateToRestore } from './restorations.js';

/** What an epoch of a training came to. */
export interface TrainEpoch {
  /** From 1. */
  readonly epoch: number;
  readonly learningRate: number;
  /** What moved the weights, where several optimizers follow each other. */
  readonly optimizer?: string;
  /** What else held in this epoch, such as a drop probability. */
  readonly conditions: Readonly<Record<string, number>>;
  readonly train: Scores;
  /** On the held-out examples; absent without any. */
  readonly validation?: Scores;
  /** How often the best state was restored so far, where that is done. */
  readonly restored?: number;
  /** Times differ from run to run; everything above does not. */
  readonly seconds: number;
  readonly examplesPerSecond: number;
  /** Share of the seconds for which steps waited for their batches; journals of earlier versions do not say it. */
  readonly dataWaitShare?: number;
}

export const trainStateSchema = z.object({
  ...positionSchema.shape,
  batches: batchSourceSchema,
  meter: meterSchema,
  /** The first metric of the best state so far. */
  best: z.number().exactOptional(),
  /** Where several optimizers follow each other: which one is at work, and the held-out losses that say when it is done. */
  phase: z.object({ index: z.int().min(0), losses: z.array(z.number()) }).exactOptional(),
  /** How often the best state was restored so far. */
  restored: z.int().min(0).exactOptional(),
});
export type TrainState = z.infer<typeof trainStateSchema>;

/** A checkpoint. */
export interface KeptState {
  readonly state: TrainState;
  readonly arrays: Arrays;
}

export interface TrainInputs {
  readonly recipe: TrainingRecipe;
  /** The one that the recipe names when absent. */
  readonly optimizer?: Optimizer;
  readonly problem: TrainingProblem;
  readonly engine: Engine;
  readonly hooks: LoopHooks<TrainEpoch>;
  readonly resumed?: KeptState | undefined;
  /** The best checkpoint so far. */
  readonly best: () => Promise<KeptState | undefined>;
}

export type TrainResult =
  | { readonly finished: false }
  | {
      readonly finished: true;
      /** Parameters and statistics of the best state (the last one without held-out examples). */
      readonly arrays: Arrays;
      readonly test: Scores;
      /** What was counted on the test examples. */
      readonly totals: Totals;
      /** How often the best state was restored, where that is done. */
      readonly restored?: number;
    };

/** @throws GenonnxError `diverged`, `engine`, and what the problem throws. */
export async function runTraining(inputs: TrainInputs): Promise<TrainResult> {
  const { recipe, problem, engine, hooks, resumed } = inputs;
  const { measures } = problem;
  const phases: Phases =
    inputs.optimizer === undefined ? phasesOf(recipe.weights) : [{ optimizer: inputs.optimizer }];
  const batches = problem.batches(resumed?.state.batches);
  const programs = await TrainingPrograms.open(
    { engine, problem, phases, seed: recipe.seed },
    resumed && standingOf(resumed),
  );

  let meter = new Meter(measures, resumed?.state.meter);
  let examples = 0;
  const wait = new DataWait();
  let best = resumed?.state.best;
  let losses = resumed?.state.phase?.losses ?? [];
  const rateIn = (epoch: number): number => rateAt(recipe, epoch);
  let restorations = { done: resumed?.state.restored ?? 0, most: recipe.restore?.most ?? 0 };
  const restored = () => (recipe.restore === undefined ? {} : { restored: restorations.done });
  const recover = async (error: unknown): Promise<void> => {
    const kept = await stateToRestore(error, restorations, inputs.best);
    await programs.restore(standingOf(kept));
    losses = kept.state.phase?.losses ?? [];
    restorations = { ...restorations, done: restorations.done + 1 };
  };
  const patienceNow = (): number | undefined => phases[programs.phase]?.patience;
  const finished = await runEpochs<TrainEpoch>(
    {
      epochs: recipe.epochs,
      checkpointSeconds: recipe.checkpointSeconds,
      async step(epoch, at) {
        if (at === 0 && hasStalled(losses, patienceNow())) await programs.advance();
        const next = await wait.during(() => batches.next(epoch));
        const feeds = { ...next.feeds, ...rateFeed(rateIn(epoch), next) };
        try {
          meter.add(await programs.step(feeds, `epoch ${epoch + 1}, step ${at + 1}`), next.examples);
          examples += next.examples;
        } catch (error) {
          await recover(error);
        }
        return next.done;
      },
      async finish(epoch, { seconds }) {
        const { validation } = problem;
        const held = validation === undefined ? undefined : await programs.evaluate(validation);
        const isBest = held === undefined || isBetter(measures, held, best);
        if (isBest) best = numberIn(held, measures.metrics[0].name);
        const loss = numberIn(held, 'loss');
        if (loss !== undefined && patienceNow() !== undefined) losses = [...losses, loss];
        const record: TrainEpoch = {
          epoch: epoch + 1,
          learningRate: rateIn(epoch),
          ...(phases.length === 1 ? {} : { optimizer: programs.optimizer.name }),
          conditions: problem.conditions(epoch),
          train: meter.scores(),
          ...(held === undefined ? {} : { validation: held }),
          ...restored(),
          seconds,
          examplesPerSecond: examples / seconds,
          dataWaitShare: wait.shareOf(seconds),
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
          ...(phases.length === 1 ? {} : { phase: { index: programs.phase, losses } }),
          ...restored(),
        };
        return { arrays: (await programs.standing()).arrays, state: current };
      },
    },
    hooks,
    resumed?.state,
  );
  if (!finished) return { finished };

  const kept = await inputs.best();
  const arrays = programs.shipped(kept === undefined ? await programs.standing() : standingOf(kept));
  const test = await programs.test(arrays);
  return { finished, arrays, test: test.scores(), totals: test.totals(), ...restored() };
}

function standingOf({ state, arrays }: KeptState): Standing {
  return { phase: state.phase?.index ?? 0, arrays };
}

/** Whether the last of the losses is the one that stalls. */
function hasStalled(losses: readonly number[], patience: number | undefined): boolean {
  const last = losses.at(-1);
  return patience !== undefined && last !== undefined && stalls(losses.slice(0, -1), last, patience);
}

/** A score, where it is a number. */
function numberIn(scores: Scores | undefined, name: string): number | undefined {
  const value = scores?.[name];
  return value === undefined || Number.isNaN(value) ? undefined : value;
}
