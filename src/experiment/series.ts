// What the paper's figures draw by epoch, read off the journals of searches.
import type { SearchEpoch } from '../search/search.js';
import { codeVariance } from './columns.js';
import type { MethodRuns } from './method-runs.js';

export const SERIES_NAMES = ['validation-error', 'code-variance'] as const;
/** The name of what is drawn by epoch. */
export type SeriesName = (typeof SERIES_NAMES)[number];

interface Series {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly of: (epoch: SearchEpoch, samples: number) => number | undefined;
}

/** Every series there is. */
export const allSeries: { readonly [S in SeriesName]: Series } = {
  'validation-error': {
    title: 'Error of the supernet on held-out images, %',
    format: (value) => value.toFixed(1),
    of: ({ validation }) =>
      validation?.accuracy === undefined ? undefined : 100 * (1 - validation.accuracy),
  },
  'code-variance': {
    title: 'Variance of the sampled codes',
    format: (value) => value.toFixed(3),
    of: ({ probabilities }, samples) => codeVariance(probabilities, samples),
  },
};

/** The mean over the runs of a method, by epoch. */
export interface SeriesLine {
  readonly name: string;
  readonly points: readonly { readonly epoch: number; readonly mean: number; readonly n: number }[];
}

export function seriesLine(name: SeriesName, { method, samples = 1, runs }: MethodRuns): SeriesLine {
  const byEpoch = new Map<number, number[]>();
  for (const { epochs } of runs) {
    for (const epoch of epochs) {
      const value = allSeries[name].of(epoch, samples);
      if (value === undefined) continue;
      byEpoch.set(epoch.epoch, [...(byEpoch.get(epoch.epoch) ?? []), value]);
    }
  }
  const points = [...byEpoch].map(([epoch, values]) => ({
    epoch,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    n: values.length,
  }));
  return { name: method.name, points };
}
