// The results of a benchmark on a terminal: the receipt, one line a measurement, what ran where, and what to be wary of.
import { candidateName } from '../failures.js';
import type { BenchResults, Failure, Measurement } from '../results.js';
import { columnsText, entriesText } from './columns.js';
import { findingsOf } from './findings.js';
import { groupName } from './labels.js';
import { measurementColumns } from './measurement-columns.js';
import { placementGroups } from './placement-lines.js';
import { receiptEntries } from './receipt-entries.js';

/** Lines without an end of line behind the last. The same results give the same text. */
export function benchText(results: BenchResults): string {
  const warnings = findingsOf(results);
  return [
    entriesText(receiptEntries(results)),
    columnsText(measurementColumns(results)),
    `Where the nodes ran\n${placementText(results.measurements)}`,
    ...(results.failures.length === 0 ? [] : [`Not measured\n${failuresText(results.failures)}`]),
    ...(warnings.length === 0 ? [] : [`Warnings\n${warnings.map((text) => `- ${text}`).join('\n')}`]),
  ].join('\n\n');
}

/** The lines of an error stand below the name of the candidate. */
function failuresText(failures: readonly Failure[]): string {
  return failures
    .map((one) => `- ${candidateName(one)}\n    ${one.message.replaceAll('\n', '\n    ')}`)
    .join('\n');
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
