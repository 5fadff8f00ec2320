// The search: epochs of steps (`search-steps.ts`) that move weights and alphas, and after each epoch the genotype that the
// alphas stand for.
import { z } from 'zod';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';
import type { Engine } from '../engines/engine.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { skipsDominate } from '../estimators/skip-dominance.js';
import { temperatureAt } from '../estimators/temperature.js';
import { batchSourceSchema } from '../loop/batch-source.js';
import { type EpochEnd, type LoopHooks, positionSchema, runEpochs } from '../loop/epochs.js';
import { meterSchema, type Scores } from '../loop/meter.js';
import { rateAt } from '../optimizers/schedule.js';
import { optimizerOf } from '../optimizers/weight-settings.js';
import { openStream } from '../random.js';
import { type Arrays, streamSchema } from '../runs/snapshot.js';
import { openOperations } from '../spaces/code.js';
import { countSkips } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { Operation } from '../spaces/search-space.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import { type AlphaDescription, AlphaOptimizer } from './alpha-optimizer.js';
import { evaluateChild, skipWarnings } from './derived-child.js';
import { penaltiesOf } from './penalties.js';
import { prepareSearch } from './programs.js';
import { SearchSteps } from './search-steps.js';

/** What an epoch of a search came to. */
export interface SearchEpoch extends AlphaDescription {
  /** From 1. */
  readonly epoch: number;
  readonly temperature: number;
  readonly learningRate: number;
  readonly train: Scores;
  /** Of the supernet under sampled codes, on the examples that the alphas learn from; null in a joint search, which has none. */
  readonly validation: Scores | null;
  /** Of the derived genotype inside the supernet, on the examples that the alphas learn from; null where it overflows there. */
  readonly child: Scores | null;
  /** Of the cell types whose space has skip connections. */
  readonly skips: Readonly<Record<string, number>>;
  /** Nodes of codes that the weights learned under into which nothing was open, of all steps of the epoch together. */
  readonly closedNodes?: number;
  readonly genotype: string;
  /**
   * Which operations the last code that the weights learned under had open, by cell type and edge: a digit for each primitive.
   * Absent of methods that open all of them, and in journals of earlier versions.
   */
  readonly code?: Readonly<Record<string, readonly string[]>>;
  readonly warnings: readonly string[];
  /** Of the trained child, in the unit of the budget; absent without one. */
  readonly expectedCost?: number | undefined;
  /** Times differ from run to run; everything above does not. */
  readonly seconds: number;
  readonly examplesPerSecond: number;
  /** Share of the time that the engine was not running. */
  readonly hostShare: number;
  /** Share of the time for which steps waited for their batches; journals of earlier versions do not say it. */
  readonly dataWaitShare?: number;
}

/** Where a search ended, or was stopped. */
export interface SearchResult<Name extends string = string, Primitive extends string = string> {
  /** f64[entries] of the space. */
  readonly alphas: Float64Array;
  readonly genotype: Genotype<Name, Operation<Primitive>>;
  readonly finished: boolean;
}

export const searchStateSchema = z.object({
  ...positionSchema.shape,
  adamStep: z.number(),
  gumbel: streamSchema,
  weightBatches: batchSourceSchema,
  alphaBatches: batchSourceSchema,
  train: meterSchema,
  validation: meterSchema,
  closedNodes: z.int().exactOptional(),
});
export type SearchState = z.infer<typeof searchStateSchema>;

/** What a genotype comes to inside the supernet, on the examples that the alphas learn from; null where it overflows there. */
export type EvaluateInside = (genotype: Genotype) => Promise<Scores | null>;

/** Asked after each epoch, from 1, before the next one begins. */
export type SearchProbe = (epoch: number, evaluate: EvaluateInside) => Promise<void>;

export interface SearchInputs<Name extends string = string, Primitive extends string = string> {
  readonly recipe: SearchRecipe;
  /** Of the weights; the one that the recipe names when absent. */
  readonly optimizer?: Optimizer;
  readonly problem: SearchProblem<Name, Primitive>;
  readonly engine: Engine;
  readonly hooks: LoopHooks<SearchEpoch>;
  readonly probe?: SearchProbe | undefined;
  readonly resumed?: { readonly state: SearchState; readonly arrays: Arrays } | undefined;
}

/** @throws GenonnxError `diverged`, `engine`, and what the problem throws. */
export async function runSearch<Name extends string, Primitive extends string>(
  inputs: SearchInputs<Name, Primitive>,
): Promise<SearchResult<Name, Primitive>> {
  const { recipe, problem, engine, hooks, resumed } = inputs;
  const { optimizer = optimizerOf(recipe.weights) } = inputs;
  const { space } = problem;
  const start = resumed?.state;
  const penalties = penaltiesOf(space, recipe, problem.budget);
  const saved =
    resumed === undefined ? undefined : { adamStep: resumed.state.adamStep, arrays: resumed.arrays };
  const alphas = new AlphaOptimizer(recipe, space, saved, penalties);
  // What is drawn needs no supernet.
  if (!METHOD_TABLE[recipe.method].learns)
    return { alphas: alphas.current(), genotype: alphas.derive(), finished: true };

  const sources = {
    weights: problem.weightBatches(start?.weightBatches),
    alphas: problem.alphaBatches(start?.alphaBatches),
    gumbel: openStream(recipe.seed, 'gumbel', start?.gumbel),
  };
  const programs = await prepareSearch(engine, problem.supernet, recipe, optimizer, resumed?.arrays);
  const steps = new SearchSteps(recipe, problem, programs, alphas, sources, start);
  const { temperature } = recipe;
  const conditionsOf = (epoch: number) => ({
    temperature: temperatureAt(
      { from: temperature.start, to: temperature.end, epochs: temperature.epochs },
      epoch,
    ),
    learningRate: rateAt(recipe, epoch),
    learnsAlphas: epoch >= recipe.warmupEpochs,
  });

  const finish = async (epoch: number, seconds: number): Promise<EpochEnd<SearchEpoch>> => {
    const { learnsAlphas, ...conditions } = conditionsOf(epoch);
    const genotype = alphas.derive();
    const evaluation = await programs.evaluation();
    const child = await evaluateChild(evaluation, genotype, space, problem);
    await inputs.probe?.(epoch + 1, (other) => evaluateChild(evaluation, other, space, problem));
    const skips = countSkips(genotype, space);
    const expected = penalties.expected(alphas.current());
    const ends = recipe.stopOnSkips && learnsAlphas && skipsDominate(genotype, space);
    const { train, validation, examples, closedNodes, gates, engineMs } = steps.endEpoch();
    const record: SearchEpoch = {
      epoch: epoch + 1,
      ...conditions,
      train,
      validation: recipe.mode === 'joint' ? null : validation,
      child,
      ...alphas.describe(),
      skips,
      closedNodes,
      genotype: printGenotypeOf(space, genotype),
      ...(gates?.includes(0) ? { code: openOperations(space, gates) } : {}),
      warnings: [
        ...skipWarnings(skips, genotype),
        ...(child === null ? ['the derived genotype has no finite loss inside the supernet'] : []),
        ...(ends ? ['the search ends here: skip connections dominate'] : []),
      ],
      ...(expected === undefined ? {} : { expectedCost: expected }),
      seconds,
      examplesPerSecond: examples / seconds,
      hostShare: 1 - engineMs / (seconds * 1000),
      dataWaitShare: steps.wait.shareOf(seconds),
    };
    return { record, best: false, ends };
  };

  const finished = await runEpochs<SearchEpoch>(
    {
      epochs: recipe.epochs,
      checkpointSeconds: recipe.checkpointSeconds,
      step: (epoch, step) => steps.take({ ...conditionsOf(epoch), epoch, step }),
      finish: (epoch, { seconds }) => finish(epoch, seconds),
      async snapshot(position) {
        const state: SearchState = {
          ...position,
          adamStep: alphas.steps,
          gumbel: sources.gumbel.state(),
          weightBatches: sources.weights.state(),
          alphaBatches: sources.alphas.state(),
          ...steps.sums(),
        };
        return { arrays: { ...(await programs.readState()), ...alphas.arrays() }, state };
      },
    },
    hooks,
    start,
  );
  return { alphas: alphas.current(), genotype: alphas.derive(), finished };
}
