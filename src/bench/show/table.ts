// The results of a benchmark on a terminal: the receipt, one line a measurement, what ran where, and what to be wary of.
import { none } from '../../report/format.js';
import type { BenchResults, Measurement } from '../results.js';
import { type Column, columnsText, entriesText } from './columns.js';
import { findingsOf, ratiosOf } from './findings.js';
import { type FacetName, facetsOf, groupName } from './labels.js';
import { digits, intervalText, ratioText } from './numbers.js';
import { placementGroups } from './placement-lines.js';
import { receiptEntries } from './receipt-entries.js';

/** Lines without an end of line behind the last. The same results give the same text. */
export function benchText(results: BenchResults): string {
  const warnings = findingsOf(results);
  return [
    entriesText(receiptEntries(results)),
    columnsText(columnsOf(results)),
    `Where the nodes ran\n${placementText(results.measurements)}`,
    ...(warnings.length === 0 ? [] : [`Warnings\n${warnings.map((text) => `- ${text}`).join('\n')}`]),
  ].join('\n\n');
}

const isNumber: Readonly<Record<FacetName, boolean>> = {
  model: false,
  variant: false,
  runtime: false,
  provider: false,
  precision: false,
  level: false,
  threads: true,
  batch: true,
};

/** A column of numbers is left out where nothing is in it. */
function columnsOf(results: BenchResults): Column[] {
  const { measurements } = results;
  const numbers = (
    heading: readonly string[],
    read: (one: Measurement, index: number) => string,
  ): Column => ({
    heading,
    alignment: 'right',
    values: measurements.map(read),
  });
  const found = ratiosOf(results);
  const ratios = new Map(found.map(({ candidate, ratio }) => [candidate, ratio]));
  const references = new Set(found.map(({ reference }) => reference));
  const columns = [
    ...facetsOf(measurements)
      .filter(({ name, varies, follows }) => varies && (name === 'precision' || !follows))
      .map(
        ({ name, values }): Column => ({
          heading: [name],
          alignment: isNumber[name] ? 'right' : 'left',
          values,
        }),
      ),
    numbers(['min', 'ms'], ({ summary }) => digits(summary.minimumMs)),
    numbers(['median', 'ms'], ({ summary }) => digits(summary.medianMs)),
    numbers(['p90', 'ms'], ({ summary }) => digits(summary.p90Ms)),
    numbers(['p99', 'ms'], ({ summary }) => digits(summary.p99Ms)),
    numbers(['images', 'a second'], ({ summary }) => digits(summary.imagesPerSecond)),
    numbers(['ratio to', 'first'], (_, index) => {
      const ratio = ratios.get(index)?.ratio;
      if (ratio !== undefined) return ratioText(ratio);
      return references.has(index) ? '1' : none;
    }),
    numbers(['95 % interval', 'of the ratio'], (_, index) =>
      intervalText(ratios.get(index)?.interval ?? null),
    ),
    numbers(['first run', 'ms'], ({ firstRunMs }) => digits(firstRunMs)),
    numbers(['session', 'ms'], ({ sessionMs }) => digits(sessionMs)),
    numbers(['host copy', 'ms'], ({ hostCopyMs }) => digits(hostCopyMs)),
    numbers(['peak', 'MB'], ({ peakMemoryBytes }) =>
      peakMemoryBytes === null ? none : digits(peakMemoryBytes / 1e6),
    ),
    numbers(['GFLOP/s'], ({ achieved }) => digits(achieved?.gflops)),
    numbers(['of peak', '%'], ({ achieved }) => share(achieved?.shareOfPeak)),
    numbers(['of roofline', '%'], ({ achieved }) => share(achieved?.shareOfRoofline)),
  ];
  return columns.filter(({ values }) => values.some((value) => value !== none));
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? none : digits(100 * value);
}

/** Measurements that ran alike share their lines. */
function placementText(measurements: readonly Measurement[]): string {
  const groups = placementGroups(measurements);
  if (groups.length === 1) return (groups[0]?.lines ?? []).join('\n');
  return groups
    .map(({ indices, lines }) =>
      [groupName(measurements, indices), ...lines.map((line) => `  ${line}`)].join('\n'),
    )
    .join('\n');
}
