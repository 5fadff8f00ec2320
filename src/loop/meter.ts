// What the batches of an epoch come to. A step reports means over the examples of its batch, numbers or vectors, and totals:
// counts that are added up as they are, a confusion matrix say. A meter keeps the sums over all examples, and metrics are
// functions of the means and the totals.
import { z } from 'zod';
import type { Fetches } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';

/** The mean over all examples of each report, by its name. */
export type Means = ReadonlyMap<string, Float64Array>;

/** The sums of what is counted, by its name, in row-major order. */
export type Totals = ReadonlyMap<string, Float64Array>;

/** One figure by which results are told apart. */
export interface Metric {
  /** As journals and results have it: `accuracy`. */
  readonly name: string;
  /** As a chart is headed: `Accuracy`. */
  readonly title: string;
  readonly better: 'higher' | 'lower';
  /** Least and largest value that it can have; any where it says none. */
  readonly bounds?: readonly [least: number, most: number];
  /** From the means of what the steps report, and the totals of what they count. */
  of(means: Means, totals: Totals): number;
  /** `34.5 %`; `digits` are those behind the point. */
  format(value: number, digits?: number): string;
}

/** The figures of some examples: the loss, and every metric of the task, by their names. */
export type Scores = Readonly<Record<string, number>>;

/** The metrics among some scores: those without the loss. */
export function metricsIn(scores: Scores, { metrics }: Measures): Scores {
  return Object.fromEntries(
    metrics.flatMap(({ name }) => {
      const score = scores[name];
      return score === undefined ? [] : [[name, score]];
    }),
  );
}

export const scoresSchema = z.record(z.string(), z.number());

export const meterSchema = z.object({
  examples: z.number(),
  sums: z.record(z.string(), z.array(z.number())),
  totals: z.record(z.string(), z.array(z.number())).exactOptional(),
});
/** The sums of a meter, for a checkpoint. */
export type MeterState = z.infer<typeof meterSchema>;

/** Something that has learnt nothing but counts. */
export interface Baseline {
  /** In the plural: `bigram counts`. */
  readonly name: string;
  /** Which of the results' figures it is. */
  readonly figure: string;
}

/** What is measured, and of what: which outputs of a step are reports, and what is made of them. */
export interface Measures {
  /** What one example is, in the plural: `images`. */
  readonly examples: string;
  /** Outputs beside `loss`, each a mean over the examples of the batch. */
  readonly reports: readonly string[];
  /** Outputs that are counts, f32, of whatever shape. A step may lack them: one of a training, where only tests count. */
  readonly totals?: readonly string[];
  /** The first one tells which of two states is the better. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** What the first metric is to beat on the test examples, where results say what that is. */
  readonly baselines?: readonly Baseline[];
}

export class Meter {
  #examples: number;
  readonly #sums: Map<string, Float64Array>;
  readonly #totals: Map<string, Float64Array>;

  constructor(
    readonly measures: Measures,
    saved: MeterState = { examples: 0, sums: {} },
  ) {
    this.#examples = saved.examples;
    this.#sums = arraysOf(saved.sums);
    this.#totals = arraysOf(saved.totals ?? {});
  }

  /** Adds what a step reported of `examples` examples. @throws GenonnxError `engine` for a report that is not there. */
  add(fetches: Fetches, examples: number): void {
    for (const name of ['loss', ...this.measures.reports]) {
      const data = fetches[name]?.data;
      if (data === undefined || data.length === 0)
        throw new GenonnxError('engine', `The engine gave no ${name}.`);
      addTo(this.#sums, name, data, examples);
    }
    for (const name of this.measures.totals ?? []) {
      const data = fetches[name]?.data;
      if (data !== undefined) addTo(this.#totals, name, data, 1);
    }
    this.#examples += examples;
  }

  /** Loss and metrics of all examples so far; not a number where there are none. */
  scores(): Scores {
    const means: Means = new Map(
      [...this.#sums].map(([name, sums]) => [name, sums.map((sum) => sum / this.#examples)]),
    );
    const loss = means.get('loss')?.[0] ?? Number.NaN;
    const of = ({ of: value }: Metric): number =>
      this.#examples === 0 ? Number.NaN : value(means, this.#totals);
    return {
      loss,
      ...Object.fromEntries(this.measures.metrics.map((metric) => [metric.name, of(metric)])),
    };
  }

  /** What was counted so far; nothing where no step counts. */
  totals(): Totals {
    return this.#totals;
  }

  state(): MeterState {
    const totals = listsOf(this.#totals);
    return {
      examples: this.#examples,
      sums: listsOf(this.#sums),
      ...(this.#totals.size === 0 ? {} : { totals }),
    };
  }
}

function addTo(
  sums: Map<string, Float64Array>,
  name: string,
  data: ArrayLike<number | bigint>,
  factor: number,
): void {
  const sum = sums.get(name) ?? new Float64Array(data.length);
  for (let i = 0; i < sum.length; i++) sum[i]! += Number(data[i]) * factor;
  sums.set(name, sum);
}

function arraysOf(lists: Readonly<Record<string, readonly number[]>>): Map<string, Float64Array> {
  return new Map(Object.entries(lists).map(([name, list]) => [name, Float64Array.from(list)]));
}

function listsOf(arrays: ReadonlyMap<string, Float64Array>): Record<string, number[]> {
  return Object.fromEntries([...arrays].map(([name, array]) => [name, [...array]]));
}

/** Whether `scores` beat `best` by the first metric; anything beats nothing. */
export function isBetter({ metrics: [first] }: Measures, scores: Scores, best: number | undefined): boolean {
  const value = scores[first.name];
  if (value === undefined || Number.isNaN(value)) return best === undefined;
  if (best === undefined) return true;
  return first.better === 'higher' ? value > best : value < best;
}
