// The architecture parameters while they are searched: sampled into codes, moved by Adam along what a code's gradient
// pulls back to. They stay on the host, in float64.

import type { Alphas, Estimator } from '../estimators/estimator.js';
import { initialAlphas } from '../estimators/initial-alphas.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { probabilitiesOf, relativeEntropy } from '../estimators/probabilities.js';
import { adamStep } from '../optimizers/adam.js';
import { openStream, type RandomStream } from '../random.js';
import type { Arrays } from '../runs/snapshot.js';
import type { Genotype } from '../spaces/genotype.js';
import type { CellSpace, CellType } from '../spaces/search-space.js';
import type { SearchRecipe } from '../tasks/recipes.js';
import { codeFeeds } from './feeds.js';
import type { Penalties } from './penalties.js';

export interface AlphaDescription {
  readonly entropy: Readonly<Record<CellType, number>>;
  readonly probabilities: Readonly<Record<CellType, number[][]>>;
}

/** One code for each cell type, and the feeds that hold them. */
export type Sampled = ReturnType<AlphaOptimizer['sample']>;

/** The alphas of both cell types and their Adam. They stay on the host, in float64. */
export class AlphaOptimizer {
  #values: Float64Array;
  #adam: { step: number; firstMoment: Float64Array; secondMoment: Float64Array };

  constructor(
    readonly config: SearchRecipe,
    readonly space: CellSpace,
    resumed: { readonly adamStep: number; readonly arrays: Arrays } | undefined,
    readonly penalties: Penalties,
  ) {
    const fresh = initialAlphas(space, config.parameterisation, openStream(config.seed, 'alphas'));
    const saved = (name: string): Float64Array | undefined => {
      const data = resumed?.arrays[name]?.data;
      return data instanceof Float64Array ? data : undefined;
    };
    this.#values = saved('alphas') ?? Float64Array.from([...fresh.normal, ...fresh.reduce]);
    this.#adam = {
      step: resumed?.adamStep ?? 0,
      firstMoment: saved('alphas.firstMoment') ?? new Float64Array(this.#values.length),
      secondMoment: saved('alphas.secondMoment') ?? new Float64Array(this.#values.length),
    };
  }

  get steps(): number {
    return this.#adam.step;
  }

  current(): Alphas {
    return halves(this.#values);
  }

  arrays(): Arrays {
    const shape = [this.#values.length];
    return {
      alphas: { shape, data: this.#values },
      'alphas.firstMoment': { shape, data: this.#adam.firstMoment },
      'alphas.secondMoment': { shape, data: this.#adam.secondMoment },
    };
  }

  /** One code for each cell type, the normal cell's drawn first. */
  sample(estimator: Estimator, stream: RandomStream, temperature: number) {
    const { normal, reduce } = this.current();
    const first = estimator.sample(normal, stream, temperature);
    const second = estimator.sample(reduce, stream, temperature);
    return { normal: first, reduce: second, feeds: codeFeeds(first, second) };
  }

  learn({ normal, reduce }: Sampled, gradient: Float32Array): void {
    const half = this.#values.length / 2;
    const own = this.penalties.gradient(this.current());
    const pulled = [
      ...normal.pullback(Float64Array.from(gradient.subarray(0, half))).map((g, i) => g + own.normal[i]!),
      ...reduce.pullback(Float64Array.from(gradient.subarray(half))).map((g, i) => g + own.reduce[i]!),
    ];
    const { learningRate, beta1, beta2, weightDecay } = this.config.alphas;
    const next = adamStep(
      { learningRate, betas: [beta1, beta2], weightDecay },
      this.#values,
      Float64Array.from(pulled),
      this.#adam,
    );
    const [before, after] = [this.current(), halves(next.parameters)];
    this.#values = Float64Array.from([
      ...(normal.afterStep?.(before.normal, after.normal) ?? after.normal),
      ...(reduce.afterStep?.(before.reduce, after.reduce) ?? after.reduce),
    ]);
    this.#adam = next.state;
  }

  derive(): Genotype {
    const method = METHOD_TABLE[this.config.method];
    return method.learns
      ? method.derive(this.current(), this.space, this.config)
      : method.draw(this.space, openStream(this.config.seed, 'genotype'));
  }

  /** Entropies as a share of the largest possible, and probabilities by edge. */
  describe(): AlphaDescription {
    const { scope, parameterisation } = this.config;
    const of = (values: Float64Array) => ({
      entropy: relativeEntropy(values, this.space, { scope, parameterisation }),
      rows: rowsOf(
        probabilitiesOf(values, this.space, { scope, parameterisation }),
        this.space.primitives.length,
      ),
    });
    const { normal, reduce } = this.current();
    const [a, b] = [of(normal), of(reduce)];
    return {
      entropy: { normal: a.entropy, reduce: b.entropy },
      probabilities: { normal: a.rows, reduce: b.rows },
    };
  }
}

/** The normal cell's half of a vector, then the reduction cell's. */
function halves(values: Float64Array): Alphas {
  const half = values.length / 2;
  return { normal: values.slice(0, half), reduce: values.slice(half) };
}

function rowsOf(values: Float64Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, row) => [
    ...values.subarray(row * width, (row + 1) * width),
  ]);
}
