// From the runs of a study to the figures of its methods.

import type { Scores } from '../loop/meter.js';
import {
  type Bounds,
  nonNegative,
  type Summary,
  summarise,
  summarisePairs,
  unbounded,
} from '../statistics.js';
import { tasks } from '../tasks/tasks.js';
import type { Study } from './config.js';
import type { MethodResult, RunResult } from './results.js';

/** A number of a run; undefined where it has none. */
type Read = (run: RunResult) => number | undefined;

/** Skip connections of all cells. */
export const skipsOf: Read = ({ skips }) =>
  skips === undefined || Object.keys(skips).length === 0
    ? undefined
    : Object.values(skips).reduce((a, b) => a + b, 0);

export function summariseMethods({ methods, task }: Study, runs: readonly RunResult[]): MethodResult[] {
  const boundsOf = (score: string): Bounds =>
    score === 'loss'
      ? nonNegative
      : (tasks[task].measures.metrics.find(({ name }) => name === score)?.bounds ?? unbounded);
  const ofOwnScores: SummariseScore = (own, read, score) => summariseRuns(own, read, boundsOf(score));
  const finishedOf = (name: string): RunResult[] =>
    runs.filter((run) => run.method === name && run.status === 'finished');
  const baselines = methods.filter(({ random }) => random !== undefined);
  return methods.map(({ name, random, recipe }) => {
    const finished = finishedOf(name);
    return {
      name,
      isRandom: random !== undefined,
      finished: finished.length,
      failed: runs.filter((run) => run.method === name && run.status === 'failed').length,
      test: ofScores(finished, ({ test }) => test, ofOwnScores),
      validation: ofScores(finished, ({ validation }) => validation, ofOwnScores),
      ...member('parameters', finished, (run) => run.parameters),
      ...member('macs', finished, (run) => run.macs),
      ...member('skips', finished, skipsOf),
      againstRandom: baselines.flatMap((baseline) => {
        // Differences are those of genotypes only where the recipe is the same.
        if (baseline.name === name || baseline.recipe?.name !== recipe?.name) return [];
        const others = finishedOf(baseline.name);
        const test = ofScores(
          finished,
          (run) => run.test,
          (own, read) => summarisePairs(bySeed(own, read), bySeed(others, read)),
        );
        return Object.keys(test).length === 0 ? [] : [{ random: baseline.name, test }];
      }),
      times: {
        ...member('searchSeconds', finished, ({ times }) => times.searchSeconds),
        ...member('trainSeconds', finished, ({ times }) => times.trainSeconds),
      },
    };
  });
}

type StoredSummary = NonNullable<MethodResult['parameters']>;

type SummariseScore = (runs: readonly RunResult[], read: Read, score: string) => Summary | undefined;

/** A summary for every score that a run has. */
function ofScores(
  runs: readonly RunResult[],
  scores: (run: RunResult) => Scores | undefined,
  summariseBy: SummariseScore,
): Record<string, StoredSummary> {
  const names = [...new Set(runs.flatMap((run) => Object.keys(scores(run) ?? {})))];
  const entries = names.flatMap((name) => {
    const summary = summariseBy(runs, (run) => scores(run)?.[name], name);
    return summary === undefined ? [] : [[name, stored(summary)] as const];
  });
  return Object.fromEntries(entries);
}

function summariseRuns(runs: readonly RunResult[], read: Read, bounds: Bounds): Summary | undefined {
  return summarise(
    runs.flatMap((run) => read(run) ?? []),
    bounds,
  );
}

/** Of a count, or of seconds. */
function member<K extends string>(
  key: K,
  runs: readonly RunResult[],
  read: Read,
): { [P in K]?: StoredSummary } {
  const summary = summariseRuns(runs, read, nonNegative);
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
