// Measurements of one batch size belong together: their latencies compare, and those of other batches do not.
import type { Measurement } from '../../bench/results.js';
import { labelsOf } from '../../bench/show/labels.js';

export interface BatchGroup {
  readonly batch: number;
  /** Of the measurements, in their order. */
  readonly indices: readonly number[];
}

/** In the order in which the batches come first. */
export function batchGroups(measurements: readonly Measurement[]): BatchGroup[] {
  const batches = new Set(measurements.map(({ execution }) => execution.batch));
  return [...batches].map((batch) => ({
    batch,
    indices: measurements.flatMap(({ execution }, index) => (execution.batch === batch ? [index] : [])),
  }));
}

/** What a measurement is called inside of its group; one for each measurement. */
export function namesInGroups(measurements: readonly Measurement[]): string[] {
  return labelsOf(measurements, ['batch']);
}
