// The columns of a table of measurements: what tells them apart, and their figures. A terminal and a page show the same.
import { none } from '../../report/format.js';
import type { BenchResults, Measurement } from '../results.js';
import type { Column } from './columns.js';
import { ratiosOf } from './findings.js';
import { type FacetName, facetsOf } from './labels.js';
import { digits, intervalText, ratioText } from './numbers.js';

const isNumber: Readonly<Record<FacetName, boolean>> = {
  model: false,
  variant: false,
  runtime: false,
  provider: false,
  precision: false,
  level: false,
  threads: true,
  batch: true,
  length: true,
};

export interface MeasurementColumn extends Column {
  /** What tells measurements apart, how fast they are, and what there is beside. */
  readonly part: 'facet' | 'latency' | 'beside';
}

/** One value for each measurement. A column of numbers is left out where nothing is in it. */
export function measurementColumns(results: BenchResults): MeasurementColumn[] {
  const { measurements } = results;
  const numbers =
    (part: MeasurementColumn['part']) =>
    (heading: readonly string[], read: (one: Measurement, index: number) => string): MeasurementColumn => ({
      heading,
      alignment: 'right',
      values: measurements.map(read),
      part,
    });
  const [latency, beside] = [numbers('latency'), numbers('beside')];
  const found = ratiosOf(results);
  const ratios = new Map(found.map(({ candidate, ratio }) => [candidate, ratio]));
  const references = new Set(found.map(({ reference }) => reference));
  const columns = [
    ...facetsOf(measurements)
      .filter(({ name, varies, follows }) => varies && (name === 'precision' || !follows))
      .map(
        ({ name, values }): MeasurementColumn => ({
          heading: [name],
          alignment: isNumber[name] ? 'right' : 'left',
          values,
          part: 'facet',
        }),
      ),
    latency(['min', 'ms'], ({ summary }) => digits(summary.minimumMs)),
    latency(['median', 'ms'], ({ summary }) => digits(summary.medianMs)),
    latency(['p90', 'ms'], ({ summary }) => digits(summary.p90Ms)),
    latency(['p99', 'ms'], ({ summary }) => digits(summary.p99Ms)),
    latency(['images', 'a second'], ({ summary }) => digits(summary.imagesPerSecond)),
    latency(['words', 'a second'], ({ summary }) => digits(summary.wordsPerSecond)),
    latency(['ratio to', 'first'], (_, index) => {
      const ratio = ratios.get(index)?.ratio;
      if (ratio !== undefined) return ratioText(ratio);
      return references.has(index) ? '1' : none;
    }),
    latency(['95 % interval', 'of the ratio'], (_, index) =>
      intervalText(ratios.get(index)?.interval ?? null),
    ),
    beside(['first run', 'ms'], ({ firstRunMs }) => digits(firstRunMs)),
    beside(['session', 'ms'], ({ sessionMs }) => digits(sessionMs)),
    beside(['host copy', 'ms'], ({ hostCopyMs }) => digits(hostCopyMs)),
    beside(['peak', 'MB'], ({ peakMemoryBytes }) =>
      peakMemoryBytes === null ? none : digits(peakMemoryBytes / 1e6),
    ),
    beside(['GFLOP/s'], ({ achieved }) => digits(achieved?.gflops)),
    beside(['of peak', '%'], ({ achieved }) => share(achieved?.shareOfPeak)),
    beside(['of roofline', '%'], ({ achieved }) => share(achieved?.shareOfRoofline)),
  ];
  return columns.filter(({ values }) => values.some((value) => value !== none));
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? none : digits(100 * value);
}
