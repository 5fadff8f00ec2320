// The columns of the paper's tables: how each is called, how numbers are written in it, and what our runs have to say in it.
// Errors are what accuracies leave to 100 %, as in the paper.
import { inclusionProbability } from '../estimators/closed-forms.js';
import type { ExperimentRun, MethodRuns } from './method-runs.js';

export const COLUMN_NAMES = [
  'test-error',
  'top-5-error',
  'parameters',
  'multiply-adds',
  'search-cost',
  'operations',
  'search',
  'samples',
  'valid-perplexity',
  'test-perplexity',
  'mean-iou',
  'search-error',
  'child-error',
  'gap',
  'best-epoch',
  'variance-first',
  'variance-last',
] as const;
/** The name of a column. */
export type ColumnName = (typeof COLUMN_NAMES)[number];

/** A number for each run that has one, or a word that all have in common. */
type Ours = readonly number[] | string | undefined;

export interface Column {
  /** With its unit. */
  readonly title: string;
  /** Where the paper has another unit. */
  readonly paperTitle?: string;
  /** A number as it stands in a table. */
  readonly format: (value: number) => string;
  readonly ours: (runs: MethodRuns) => Ours;
}

const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 3, useGrouping: false });
const digits = (count: number) => (value: number) => value.toFixed(count);
const toThree = (value: number): string => significant.format(value);

/** One number a run, where it has one. */
function ofRuns(read: (run: ExperimentRun) => number | undefined): Column['ours'] {
  return ({ runs }) => {
    const values = runs.flatMap((run) => read(run) ?? []).filter(Number.isFinite);
    return values.length === 0 ? undefined : values;
  };
}

/** What an accuracy leaves, in percent. */
function errorOf(accuracy: number | undefined): number | undefined {
  return accuracy === undefined ? undefined : 100 * (1 - accuracy);
}

/** Of the supernet under its own codes, after the last epoch of the search. */
const searchError = ({ epochs }: ExperimentRun) => errorOf(epochs.at(-1)?.validation?.accuracy);
/** Of the derived code in the same weights. */
const childError = ({ epochs }: ExperimentRun) => errorOf(epochs.at(-1)?.child?.accuracy);

function gapOf(run: ExperimentRun): number | undefined {
  const [search, child] = [searchError(run), childError(run)];
  return search === undefined || child === undefined ? undefined : Math.abs(child - search);
}

/** Mean of P (1 - P) over the entries of a code, P = 1 - (1 - p)^M, after an epoch. */
export function codeVariance(
  probabilities: Readonly<Record<string, readonly (readonly number[])[]>>,
  samples: number,
): number {
  const entries = Object.values(probabilities).flat(2);
  const sum = entries.reduce((total, p) => {
    const open = inclusionProbability(p, samples);
    return total + open * (1 - open);
  }, 0);
  return sum / entries.length;
}

const varianceAt =
  (index: number): Column['ours'] =>
  (all) =>
    ofRuns(({ epochs }) => {
      const epoch = epochs.at(index);
      return epoch === undefined || all.samples === undefined
        ? undefined
        : codeVariance(epoch.probabilities, all.samples);
    })(all);

function bestEpoch({ epochs }: ExperimentRun): number | undefined {
  const known = epochs.flatMap(({ epoch, validation }) =>
    validation?.accuracy === undefined ? [] : [{ epoch, accuracy: validation.accuracy }],
  );
  return known.toSorted((a, b) => b.accuracy - a.accuracy)[0]?.epoch;
}

/** Every column there is. */
export const columns: { readonly [C in ColumnName]: Column } = {
  'test-error': {
    title: 'Test error, %',
    format: digits(2),
    ours: ofRuns(({ result }) => errorOf(result.test?.accuracy)),
  },
  'top-5-error': {
    title: 'Top-5 test error, %',
    format: digits(2),
    ours: ofRuns(({ result }) => errorOf(result.test?.top5Accuracy)),
  },
  parameters: {
    title: 'Parameters, M',
    format: toThree,
    ours: ofRuns(({ result: { parameters } }) => (parameters === undefined ? undefined : parameters / 1e6)),
  },
  'multiply-adds': {
    title: 'Multiply-adds, M',
    format: toThree,
    ours: ofRuns(({ result: { macs } }) => (macs === undefined ? undefined : macs / 1e6)),
  },
  'search-cost': {
    title: 'Search, minutes',
    paperTitle: 'Search, GPU days',
    format: toThree,
    ours: ofRuns(({ result: { times } }) =>
      times.searchSeconds === undefined ? undefined : times.searchSeconds / 60,
    ),
  },
  operations: {
    title: 'Candidates',
    format: String,
    ours: ({ operations }) => String(operations),
  },
  search: {
    title: 'Kind of search',
    format: String,
    ours: ({ method }) => {
      if (method.genotype !== undefined) return 'published';
      return method.random === undefined ? 'gradient-based' : 'random';
    },
  },
  samples: {
    title: 'M',
    format: String,
    ours: ({ samples }) => (samples === undefined ? undefined : String(samples)),
  },
  'valid-perplexity': {
    title: 'Validation perplexity',
    format: digits(1),
    ours: ofRuns(({ result }) => result.validation?.perplexity),
  },
  'test-perplexity': {
    title: 'Test perplexity',
    format: digits(1),
    ours: ofRuns(({ result }) => result.test?.perplexity),
  },
  'mean-iou': {
    title: 'Mean IoU, %',
    format: digits(2),
    ours: ofRuns(({ result: { test } }) => (test?.meanIou === undefined ? undefined : 100 * test.meanIou)),
  },
  'search-error': {
    title: 'Error of the supernet, %',
    format: digits(2),
    ours: ofRuns(searchError),
  },
  'child-error': {
    title: 'Error of the derived code, %',
    format: digits(2),
    ours: ofRuns(childError),
  },
  gap: { title: 'Gap', format: digits(2), ours: ofRuns(gapOf) },
  'best-epoch': {
    title: 'Epoch of the lowest error',
    format: toThree,
    ours: ofRuns(bestEpoch),
  },
  'variance-first': {
    title: 'Variance of the codes, first epoch',
    format: toThree,
    ours: varianceAt(0),
  },
  'variance-last': {
    title: 'Variance of the codes, last epoch',
    format: toThree,
    ours: varianceAt(-1),
  },
};
