// The candidates of one file of results against each other. They ran in the same interleaved rounds, so that what slowed
// all of them cancels out.
import type { BenchResults, Measurement } from './results.js';
import { sizeName } from './sizes.js';
import { pairedRatio, type Ratio } from './statistics.js';

export interface CandidateRatio {
  /** Index of the measurement. */
  readonly candidate: number;
  /** Index of the one that its latency is divided by: the first of the same size. */
  readonly reference: number;
  readonly ratio: Ratio;
}

/**
 * Every measurement against the first of its size. @throws GenonnxError `usage` where two of a size have different
 * numbers of rounds.
 */
export function candidateRatios({ measurements }: BenchResults): CandidateRatio[] {
  const firsts = new Map<string, readonly [index: number, measurement: Measurement]>();
  return measurements.flatMap((measurement, candidate) => {
    const size = sizeName(measurement.execution);
    const first = firsts.get(size);
    if (first === undefined) {
      firsts.set(size, [candidate, measurement]);
      return [];
    }
    const [reference, { roundsMs }] = first;
    return [{ candidate, reference, ratio: pairedRatio(measurement.roundsMs, roundsMs) }];
  });
}
