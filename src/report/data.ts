// What a report is made of: plain data, so that any run, or a test, can fill it. Every part but the title may be absent.

import type { Scope } from '../estimators/estimator.js';
import type { Measures } from '../loop/meter.js';
import type { CellGenotype } from '../spaces/genotype.js';
import type { GenotypeKind } from '../spaces/kinds.js';
import type { CellForm, PerCellType } from '../spaces/search-space.js';
import type { SegmentationData } from './segmentation.js';

/** A measured number; null where it was not measured, or was not finite. Losses are cross entropies in nats. */
export type Metric = number | null;

/** By the name of the cell type. */
type PerCell<Value> = PerCellType<string, Value>;

/** Loss and metrics of the task by their names, `accuracy` say. */
export type ScoresData = Readonly<Record<string, Metric>>;

export interface SearchEpochData {
  /** From 1. */
  readonly epoch: number;
  readonly train: ScoresData;
  /** On the examples that the alphas learn from; null where there are none. */
  readonly validation: ScoresData | null;
  /** Of the derived genotype inside the supernet. */
  readonly child?: ScoresData | null | undefined;
  /** As a share of the largest possible: 1 where nothing is decided, 0 where everything is. */
  readonly entropy: PerCell<Metric>;
  /** f64[edges][primitives]; the edges in the order of `search-space.ts`. */
  readonly probabilities: PerCell<readonly (readonly number[])[]>;
  /** Skip connections in the cell that would be derived. */
  readonly skips: PerCell<number>;
  readonly examplesPerSecond: Metric;
}

export interface SearchData {
  readonly kind: GenotypeKind;
  /** What shares one probability vector. */
  readonly scope: Scope;
  /** Whose `primitives` name the columns of the probabilities. */
  readonly cellTypes: readonly Pick<CellForm, 'name' | 'title' | 'inputs' | 'primitives'>[];
  readonly epochs: readonly SearchEpochData[];
}

export interface TrainingEpochData {
  readonly epoch: number;
  readonly train: ScoresData;
  /** Of held-out examples, where there are any. */
  readonly validation?: ScoresData | undefined;
  readonly learningRate: Metric;
}

export interface TrainingData {
  /** Which examples the `validation` figures come from. */
  readonly heldOut: 'validation' | 'test';
  readonly epochs: readonly TrainingEpochData[];
}

export interface GenotypeData {
  readonly kind: GenotypeKind;
  /** As it would be written in a file. */
  readonly text: string;
  readonly cells: readonly (Pick<CellForm, 'title' | 'inputs'> & { readonly cell: CellGenotype })[];
}

export interface LatencyData {
  readonly minimumMs: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly batch: number;
}

/** What counts alone come to on the test examples, by the first metric. */
export interface BaselineData {
  readonly name: string;
  readonly value: number;
}

/** One row of the table of results: a model, or a model on one runtime. */
export interface ResultData {
  readonly name: string;
  /** On the test examples. */
  readonly test?: ScoresData | undefined;
  readonly parameters?: number | undefined;
  /** Multiply-adds for one example. */
  readonly macs?: number | undefined;
  readonly sizeBytes?: number | undefined;
  readonly latency?: LatencyData | undefined;
  readonly examplesPerSecond?: Metric | undefined;
}

/** A text that a model wrote; its lines are lines of the text. */
export interface TextData {
  readonly text: string;
  readonly seed: number;
  readonly temperature: number;
}

/** Which class was taken for which on the test examples: [true class][predicted class], rows in the order of the classes. */
export interface ConfusionData {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

export interface ReportData {
  readonly title: string;
  /** One line below the title, such as the data set and the command. */
  readonly subtitle?: string | undefined;
  /** What examples are, and by what results are told apart. */
  readonly measures: Measures;
  readonly warnings?: readonly string[] | undefined;
  /** The first row gives the headline figures. */
  readonly results?: readonly ResultData[] | undefined;
  /** What the first row is to beat. */
  readonly baselines?: readonly BaselineData[] | undefined;
  /** What the model wrote, each with what it was drawn by: a seed, a temperature. */
  readonly texts?: readonly TextData[] | undefined;
  readonly confusion?: ConfusionData | undefined;
  /** Of a segmentation: masks of a few test pictures, and each class. */
  readonly segmentation?: SegmentationData | undefined;
  /** What the result is of, in words, by what it is about. */
  readonly notes?: Readonly<Record<string, string>> | undefined;
  readonly genotype?: GenotypeData | undefined;
  readonly search?: SearchData | undefined;
  readonly training?: TrainingData | undefined;
  /** Plain data of any depth. */
  readonly configuration?: object | undefined;
}
