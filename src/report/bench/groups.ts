// Measurements of one size belong together: their latencies compare, and those of other batches and lengths do not.
import type { Measurement } from '../../bench/results.js';
import { labelsOf } from '../../bench/show/labels.js';
import { sizeName } from '../../bench/sizes.js';

export interface SizeGroup {
  /** `batch 8` */
  readonly name: string;
  /** The same as part of an identifier: `8`. */
  readonly id: string;
  /** Of the measurements, in their order. */
  readonly indices: readonly number[];
}

/** In the order in which the sizes come first. */
export function sizeGroups(measurements: readonly Measurement[]): SizeGroup[] {
  const groups = new Map<string, SizeGroup>();
  measurements.forEach(({ execution }, index) => {
    const name = sizeName(execution);
    const { batch, length } = execution;
    const id = length === undefined ? String(batch) : `${batch}-${length}`;
    groups.set(name, { name, id, indices: [...(groups.get(name)?.indices ?? []), index] });
  });
  return [...groups.values()];
}

/** What a measurement is called inside of its group; one for each measurement. */
export function namesInGroups(measurements: readonly Measurement[]): string[] {
  return labelsOf(measurements, ['batch', 'length']);
}

/** As a heading begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
