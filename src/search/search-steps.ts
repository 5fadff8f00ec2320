// The steps of a search. Each samples a code, runs the supernet under it, pulls dL/dcode back to the alphas, and moves the
// weights: on the same batch (`joint`, Eq. 6), or on one from the other half of the examples (`alternating`, as DARTS and
// the released code).
import type { Feeds, Fetches, PreparedProgram } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import type { Estimator, Sample } from '../estimators/estimator.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import type { BatchSource, FedBatch, TrainingBatch } from '../loop/batch-source.js';
import { DataWait } from '../loop/data-wait.js';
import { Meter, type MeterState, type Scores } from '../loop/meter.js';
import { rateFeed, rateOf, runStep } from '../loop/programs.js';
import type { RandomStream } from '../random.js';
import { closedNodes } from '../spaces/code.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import type { AlphaOptimizer } from './alpha-optimizer.js';
import type { SearchPrograms } from './programs.js';
import type { Judgement } from './second-order.js';

export interface StepSources {
  /** What the weights learn from, and what the alphas learn from. */
  readonly weights: BatchSource;
  readonly alphas: BatchSource;
  readonly gumbel: RandomStream;
}

export interface StepConditions {
  readonly temperature: number;
  readonly learningRate: number;
  /** Whether the alphas move; else only the weights do. */
  readonly learnsAlphas: boolean;
  /** Which step it is, from 0. */
  readonly epoch: number;
  readonly step: number;
}

/** What the steps of an epoch came to. */
export interface StepTotals {
  readonly train: Scores;
  readonly validation: Scores;
  /** That the weights learned from. */
  readonly examples: number;
  /** Nodes of the weights' codes into which nothing was open. */
  readonly closedNodes: number;
  /** What the last of the weights' codes had open, u8[entries]; absent where there was no step. */
  readonly gates?: Uint8Array;
  /** For which the engine was at work. */
  readonly engineMs: number;
}

/** The sums of an epoch that is not over. */
export interface StepSums {
  readonly train: MeterState;
  readonly validation: MeterState;
  readonly closedNodes?: number;
}

/** A code, and the feeds that hold it. */
interface Sampled {
  readonly sample: Sample;
  readonly feeds: Feeds;
}

export class SearchSteps {
  readonly #judging: Estimator;
  readonly #training: Estimator;
  #train: Meter;
  #validation: Meter;
  #closedNodes: number;
  #gates: Uint8Array | undefined;
  #examples = 0;
  #engineMs = 0;
  /** For batches, since the epoch began. */
  readonly wait = new DataWait();

  constructor(
    readonly recipe: SearchRecipe,
    readonly problem: SearchProblem,
    readonly programs: SearchPrograms,
    readonly alphas: AlphaOptimizer,
    readonly sources: StepSources,
    /** Of a run that continues. */
    saved?: StepSums,
  ) {
    const { create } = METHOD_TABLE[recipe.method];
    this.#judging = create(problem.space, recipe.mode === 'joint' ? 'joint' : 'architecture', recipe);
    this.#training = create(problem.space, 'weights', recipe);
    this.#train = new Meter(problem.measures, saved?.train);
    this.#validation = new Meter(problem.measures, saved?.validation);
    this.#closedNodes = saved?.closedNodes ?? 0;
  }

  /** @returns how much is taken of an epoch of the weights' batches. @throws GenonnxError `diverged`, `engine`. */
  async take(conditions: StepConditions): Promise<number> {
    const { joint } = this.programs;
    const { done } = await (joint === undefined
      ? this.#alternate(conditions)
      : this.#both(joint, conditions));
    return done;
  }

  /** For a checkpoint. */
  sums(): StepSums {
    return {
      train: this.#train.state(),
      validation: this.#validation.state(),
      closedNodes: this.#closedNodes,
    };
  }

  /** The totals of an epoch; the next one begins with none. */
  endEpoch(): StepTotals {
    const { measures } = this.problem;
    const totals = {
      train: this.#train.scores(),
      validation: this.#validation.scores(),
      examples: this.#examples,
      closedNodes: this.#closedNodes,
      ...(this.#gates === undefined ? {} : { gates: this.#gates }),
      engineMs: this.#engineMs,
    };
    this.#train = new Meter(measures);
    this.#validation = new Meter(measures);
    this.#closedNodes = 0;
    this.#examples = 0;
    this.#engineMs = 0;
    return totals;
  }

  /** Alphas and weights on one batch. */
  async #both(joint: PreparedProgram, conditions: StepConditions): Promise<TrainingBatch> {
    const sampled = this.#sample(this.#judging, conditions);
    const batch = await this.wait.during(() => this.sources.weights.next(conditions.epoch));
    const fetches = await this.#learnWeights(joint, batch, sampled, conditions);
    if (conditions.learnsAlphas) this.alphas.learn(sampled.sample, codeGradient(fetches));
    return batch;
  }

  /** Alphas on one batch, then weights on another, each under a code of its own. */
  async #alternate(conditions: StepConditions): Promise<TrainingBatch> {
    const { learnsAlphas, epoch } = conditions;
    const proposed = this.#sample(learnsAlphas ? this.#judging : this.#training, conditions);
    const held = await this.wait.during(() => this.sources.alphas.next(epoch));
    const train = await this.wait.during(() => this.sources.weights.next(epoch));
    const judged = await this.#judge(proposed, held, train, conditions);
    this.#validation.add(judged.fetches, held.examples);
    if (learnsAlphas) this.alphas.learn(proposed.sample, judged.codeGradient);
    const sampled = this.#sample(this.#training, conditions);
    await this.#learnWeights(this.programs.weights, train, sampled, conditions);
    return train;
  }

  #sample(estimator: Estimator, { temperature }: StepConditions): Sampled {
    const sample = this.alphas.sample(estimator, this.sources.gumbel, temperature);
    return { sample, feeds: this.problem.codeFeeds(sample) };
  }

  async #judge(
    { feeds: code }: Sampled,
    held: FedBatch,
    train: TrainingBatch,
    conditions: StepConditions,
  ): Promise<Judgement> {
    const { architecture, secondOrder } = this.programs;
    const { learnsAlphas, learningRate } = conditions;
    const validation = { ...held.feeds, ...code };
    if (secondOrder === undefined || !learnsAlphas) {
      const fetches = await this.#timed(() => runStep(architecture, validation, placeOf(conditions)));
      return { fetches, codeGradient: codeGradient(fetches) };
    }
    const batches = { train: { ...train.feeds, ...code }, validation };
    return await this.#timed(() => secondOrder.gradient(batches, rateOf(learningRate, train)));
  }

  async #learnWeights(
    program: PreparedProgram,
    batch: TrainingBatch,
    sampled: Sampled,
    conditions: StepConditions,
  ): Promise<Fetches> {
    const feeds = { ...batch.feeds, ...sampled.feeds, ...rateFeed(conditions.learningRate, batch) };
    const fetches = await this.#timed(() => runStep(program, feeds, placeOf(conditions)));
    this.#train.add(fetches, batch.examples);
    this.#gates = sampled.sample.forwardGates;
    this.#closedNodes += closedNodes(this.problem.space, sampled.sample.backwardGates);
    this.#examples += batch.examples;
    return fetches;
  }

  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const before = performance.now();
    try {
      return await work();
    } finally {
      this.#engineMs += performance.now() - before;
    }
  }
}

/** Which step it is, for errors. */
function placeOf({ epoch, step }: StepConditions): string {
  return `epoch ${epoch + 1}, step ${step + 1}`;
}

function codeGradient(fetches: Fetches): Float32Array {
  const data = fetches['gradient.code']?.data;
  if (data instanceof Float32Array) return data;
  throw new GenonnxError('engine', 'The engine gave no gradient of the code.');
}
