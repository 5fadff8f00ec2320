// From the runs of a study to the figures of its methods.

import { type Summary, summarise, summarisePairs } from '../statistics.js';
import type { Study } from './config.js';
import type { MethodResult, RunResult } from './results.js';

/** A number of a run; undefined where it has none. */
type Read = (run: RunResult) => number | undefined;

/** Skip connections of both cells. */
export const skipsOf: Read = ({ skips }) => skips && skips.normal + skips.reduce;

const testAccuracy: Read = (run) => run.testAccuracy;

export function summariseMethods({ methods }: Study, runs: readonly RunResult[]): MethodResult[] {
  const finishedOf = (name: string): RunResult[] =>
    runs.filter((run) => run.method === name && run.status === 'finished');
  const baselines = methods.filter(({ random }) => random !== undefined);
  return methods.map(({ name, random }) => {
    const finished = finishedOf(name);
    return {
      name,
      isRandom: random !== undefined,
      finished: finished.length,
      failed: runs.filter((run) => run.method === name && run.status === 'failed').length,
      ...member('testAccuracy', finished, testAccuracy),
      ...member('testLoss', finished, (run) => run.testLoss),
      ...member('validationAccuracy', finished, (run) => run.validationAccuracy),
      ...member('parameters', finished, (run) => run.parameters),
      ...member('macs', finished, (run) => run.macs),
      ...member('skips', finished, skipsOf),
      againstRandom: baselines.flatMap((baseline) => {
        if (baseline.name === name) return [];
        const difference = summarisePairs(
          bySeed(finished, testAccuracy),
          bySeed(finishedOf(baseline.name), testAccuracy),
        );
        return difference === undefined ? [] : [{ random: baseline.name, testAccuracy: stored(difference) }];
      }),
      times: {
        ...member('searchSeconds', finished, ({ times }) => times.searchSeconds),
        ...member('trainSeconds', finished, ({ times }) => times.trainSeconds),
      },
    };
  });
}

type StoredSummary = NonNullable<MethodResult['testAccuracy']>;

function member<K extends string>(
  key: K,
  runs: readonly RunResult[],
  read: Read,
): { [P in K]?: StoredSummary } {
  const summary = summarise(runs.flatMap((run) => read(run) ?? []));
  const result: { [P in K]?: StoredSummary } = {};
  if (summary !== undefined) result[key] = stored(summary);
  return result;
}

function stored({ n, mean, standardDeviation, interval }: Summary): StoredSummary {
  return { n, mean, standardDeviation, interval: interval === null ? null : [...interval] };
}

function bySeed(runs: readonly RunResult[], read: Read): Map<number, number> {
  return new Map(
    runs.flatMap((run) => {
      const value = read(run);
      return value === undefined ? [] : [[run.seed, value] as const];
    }),
  );
}
