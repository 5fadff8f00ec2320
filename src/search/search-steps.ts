// The steps of a search. Each samples a code for both cell types, runs the supernet under it, pulls dL/dcode back to the
// alphas, and moves the weights: on the same batch (`joint`, Eq. 6), or on one from the other half of the images
// (`alternating`, as DARTS and the released code).
import type { Feeds, Fetches, PreparedProgram } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import type { Estimator } from '../estimators/estimator.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import type { RandomStream } from '../random.js';
import type { CellSpace } from '../spaces/search-space.js';
import type { AlphaOptimizer, Sampled } from './alpha-optimizer.js';
import type { SearchConfig } from './config.js';
import { Meter, rateFeed, runStep } from './feeds.js';
import type { SearchPrograms } from './programs.js';
import type { Judgement } from './second-order.js';

/** A batch as feeds, and how many of its images count. */
export interface FedBatch {
  readonly count: number;
  readonly feeds: Feeds;
}

export interface StepSources {
  /** Images that the weights learn from, and images that the alphas learn from. */
  readonly train: () => FedBatch;
  readonly held: () => FedBatch;
  readonly gumbel: RandomStream;
}

export interface StepConditions {
  readonly temperature: number;
  readonly learningRate: number;
  /** Whether the alphas move; else only the weights do. */
  readonly learnsAlphas: boolean;
  /** Which step it is, for errors. */
  readonly where: string;
}

export class SearchSteps {
  /** Of all steps so far that the engine was at work. */
  engineMs = 0;
  readonly #judging: Estimator;
  readonly #training: Estimator;

  constructor(
    readonly config: SearchConfig,
    space: CellSpace,
    readonly programs: SearchPrograms,
    readonly alphas: AlphaOptimizer,
    readonly sources: StepSources,
    /** Of the training batches, and of those that the alphas learn from. */
    public meters = { train: new Meter(), validation: new Meter() },
  ) {
    const { create } = METHOD_TABLE[config.method];
    this.#judging = create(space, config.mode === 'joint' ? 'joint' : 'architecture', config);
    this.#training = create(space, 'weights', config);
  }

  /** @throws GenonnxError `diverged`, `engine`. */
  async take(conditions: StepConditions): Promise<void> {
    const { joint } = this.programs;
    if (joint === undefined) await this.#alternate(conditions);
    else await this.#both(joint, conditions);
  }

  /** Alphas and weights on one batch. */
  async #both(joint: PreparedProgram, conditions: StepConditions): Promise<void> {
    const sampled = this.#sample(this.#judging, conditions);
    const { count, feeds } = this.sources.train();
    const fetches = await this.#learnWeights(joint, { count, feeds }, sampled, conditions);
    if (conditions.learnsAlphas) this.alphas.learn(sampled, codeGradient(fetches));
  }

  /** Alphas on one batch, then weights on another, each under a code of its own. */
  async #alternate(conditions: StepConditions): Promise<void> {
    const { learnsAlphas } = conditions;
    const proposed = this.#sample(learnsAlphas ? this.#judging : this.#training, conditions);
    const held = this.sources.held();
    const train = this.sources.train();
    const judged = await this.#judge(proposed, held, train, conditions);
    this.meters.validation.add(judged.fetches, held.count);
    if (learnsAlphas) this.alphas.learn(proposed, judged.codeGradient);
    const sampled = this.#sample(this.#training, conditions);
    await this.#learnWeights(this.programs.weights, train, sampled, conditions);
  }

  #sample(estimator: Estimator, { temperature }: StepConditions): Sampled {
    return this.alphas.sample(estimator, this.sources.gumbel, temperature);
  }

  async #judge(
    { feeds: code }: Sampled,
    held: FedBatch,
    train: FedBatch,
    { learnsAlphas, learningRate, where }: StepConditions,
  ): Promise<Judgement> {
    const { architecture, secondOrder } = this.programs;
    const validation = { ...held.feeds, ...code };
    if (secondOrder === undefined || !learnsAlphas) {
      const fetches = await this.#timed(() => runStep(architecture, validation, where));
      return { fetches, codeGradient: codeGradient(fetches) };
    }
    const { momentum, weightDecay } = this.config.weights;
    const batches = { train: { ...train.feeds, ...code }, validation };
    return await this.#timed(() => secondOrder.gradient(batches, { learningRate, momentum, weightDecay }));
  }

  async #learnWeights(
    program: PreparedProgram,
    { count, feeds }: FedBatch,
    sampled: Sampled,
    { learningRate, where }: StepConditions,
  ): Promise<Fetches> {
    const all = { ...feeds, ...sampled.feeds, ...rateFeed(learningRate) };
    const fetches = await this.#timed(() => runStep(program, all, where));
    this.meters.train.add(fetches, count);
    return fetches;
  }

  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const before = performance.now();
    try {
      return await work();
    } finally {
      this.engineMs += performance.now() - before;
    }
  }
}

function codeGradient(fetches: Fetches): Float32Array {
  const data = fetches['gradient.code']?.data;
  if (data instanceof Float32Array) return data;
  throw new GenonnxError('engine', 'The engine gave no gradient of the code.');
}
