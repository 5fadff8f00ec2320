// The architecture parameters while they are searched: sampled into codes, moved by Adam along what a code's gradient
// pulls back to. They stay on the host, in float64.
import type { Estimator, Sample } from '../estimators/estimator.js';
import { initialAlphas } from '../estimators/initial-alphas.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { probabilitiesOf, relativeEntropies, rowsByEdge } from '../estimators/probabilities.js';
import { adamStep } from '../optimizers/adam.js';
import { openStream, type RandomStream } from '../random.js';
import type { Arrays } from '../runs/snapshot.js';
import type { Genotype } from '../spaces/genotype.js';
import type { Operation, PerCellType, SearchSpace } from '../spaces/search-space.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import type { Penalties } from './penalties.js';

export interface AlphaDescription {
  readonly entropy: PerCellType<string, number>;
  readonly probabilities: PerCellType<string, number[][]>;
}

/** The alphas of a space, f64[entries], and their Adam. */
export class AlphaOptimizer<Name extends string = string, Primitive extends string = string> {
  #values: Float64Array;
  #adam: { step: number; firstMoment: Float64Array; secondMoment: Float64Array };

  constructor(
    readonly config: SearchRecipe,
    readonly space: SearchSpace<Name, Primitive>,
    resumed: { readonly adamStep: number; readonly arrays: Arrays } | undefined,
    readonly penalties: Penalties,
  ) {
    const fresh = initialAlphas(space, config.parameterisation, openStream(config.seed, 'alphas'));
    const saved = (name: string): Float64Array | undefined => {
      const data = resumed?.arrays[name]?.data;
      return data instanceof Float64Array ? data : undefined;
    };
    this.#values = saved('alphas') ?? fresh;
    this.#adam = {
      step: resumed?.adamStep ?? 0,
      firstMoment: saved('alphas.firstMoment') ?? new Float64Array(this.#values.length),
      secondMoment: saved('alphas.secondMoment') ?? new Float64Array(this.#values.length),
    };
  }

  get steps(): number {
    return this.#adam.step;
  }

  current(): Float64Array {
    return this.#values.slice();
  }

  arrays(): Arrays {
    const shape = [this.#values.length];
    return {
      alphas: { shape, data: this.#values },
      'alphas.firstMoment': { shape, data: this.#adam.firstMoment },
      'alphas.secondMoment': { shape, data: this.#adam.secondMoment },
    };
  }

  sample(estimator: Estimator, stream: RandomStream, temperature: number): Sample {
    return estimator.sample(this.#values, stream, temperature);
  }

  learn(sample: Sample, gradient: Float32Array): void {
    const own = this.penalties.gradient(this.#values);
    const pulled = sample.pullback(Float64Array.from(gradient)).map((g, entry) => g + own[entry]!);
    const { learningRate, beta1, beta2, weightDecay } = this.config.alphas;
    const next = adamStep(
      { learningRate, betas: [beta1, beta2], weightDecay },
      this.#values,
      pulled,
      this.#adam,
    );
    this.#values = sample.afterStep?.(this.#values, next.parameters) ?? next.parameters;
    this.#adam = next.state;
  }

  derive(): Genotype<Name, Operation<Primitive>> {
    const method = METHOD_TABLE[this.config.method];
    return method.learns
      ? method.derive(this.#values, this.space, this.config)
      : method.draw(this.space, openStream(this.config.seed, 'genotype'));
  }

  /** Entropies as a share of the largest possible, and probabilities by edge. */
  describe(): AlphaDescription {
    const { scope, parameterisation } = this.config;
    const reading = { scope, parameterisation };
    return {
      entropy: relativeEntropies(this.#values, this.space, reading),
      probabilities: rowsByEdge(probabilitiesOf(this.#values, this.space, reading), this.space),
    };
  }
}
