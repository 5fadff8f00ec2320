// What a report is made of: plain data, so that any run, or a test, can fill it. Every part but the title may be absent.

import type { Scope } from '../estimators/estimator.js';
import type { CellGenotype } from '../spaces/genotype.js';
import type { CellType } from '../spaces/search-space.js';

/** A measured number; null where it was not measured, or was not finite. Losses are cross entropies in nats. */
export type Metric = number | null;

export type PerCell<T> = Readonly<Record<CellType, T>>;

export interface SearchEpochData {
  /** From 1. */
  readonly epoch: number;
  readonly trainLoss: Metric;
  /** Accuracies lie between 0 and 1. */
  readonly trainAccuracy: Metric;
  readonly validationLoss: Metric;
  readonly validationAccuracy: Metric;
  /** Of the derived genotype inside the supernet. */
  readonly childAccuracy?: Metric | undefined;
  /** As a share of the largest possible: 1 where nothing is decided, 0 where everything is. */
  readonly entropy: PerCell<Metric>;
  /** f64[edges][primitives]; the edges in the order of `search-space.ts`. */
  readonly probabilities: PerCell<readonly (readonly number[])[]>;
  /** Skip connections in the cell that would be derived. */
  readonly skips: PerCell<number>;
  readonly imagesPerSecond: Metric;
}

export interface SearchData {
  /** What shares one probability vector. */
  readonly scope: Scope;
  /** Names of the columns of the probabilities. */
  readonly primitives: readonly string[];
  readonly epochs: readonly SearchEpochData[];
}

export interface TrainingEpochData {
  readonly epoch: number;
  readonly trainLoss: Metric;
  readonly trainAccuracy: Metric;
  readonly validationLoss: Metric;
  readonly validationAccuracy: Metric;
  readonly learningRate: Metric;
}

export interface TrainingData {
  /** Which images the `validation` figures come from. */
  readonly heldOut: 'validation' | 'test';
  readonly epochs: readonly TrainingEpochData[];
}

export interface GenotypeData {
  /** As it would be written in a file. */
  readonly text: string;
  readonly normal: CellGenotype;
  readonly reduce: CellGenotype;
}

export interface LatencyData {
  readonly minimumMs: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly batch: number;
}

/** One row of the table of results: a model, or a model on one runtime. */
export interface ResultData {
  readonly name: string;
  /** Between 0 and 1, on the test images. */
  readonly testAccuracy?: Metric | undefined;
  readonly parameters?: number | undefined;
  /** Multiply-adds for one image. */
  readonly macs?: number | undefined;
  readonly sizeBytes?: number | undefined;
  readonly latency?: LatencyData | undefined;
  readonly imagesPerSecond?: Metric | undefined;
}

export interface ReportData {
  readonly title: string;
  /** One line below the title, such as the data set and the command. */
  readonly subtitle?: string | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** The first row gives the headline figures. */
  readonly results?: readonly ResultData[] | undefined;
  readonly genotype?: GenotypeData | undefined;
  readonly search?: SearchData | undefined;
  readonly training?: TrainingData | undefined;
  /** Plain data of any depth. */
  readonly configuration?: object | undefined;
}
