// The figures of a study as tables on the terminal: one row a method, and one row a run.
import { compact, none } from '../report/format.js';
import type { MethodResult, RunResult, StudyResults } from '../study/results.js';
import { table } from './output.js';

type Summary = NonNullable<MethodResult['testAccuracy']>;

export function studyTables({ methods, runs, statistics }: StudyResults): string {
  return [
    table([
      ['run', 'seed', 'test accuracy', 'parameters', 'multiply-adds', 'skips', 'search', 'training', ''],
      ...runs.map(runRow),
    ]),
    '',
    table([
      ['method', 'n', 'test accuracy', 's.d.', 'interval', 'less random', 'interval', 'parameters', 'skips'],
      ...methods.map(methodRow),
    ]),
    `Intervals: ${statistics.interval}. Differences are paired by seed.`,
  ].join('\n');
}

function runRow(run: RunResult): string[] {
  const { method, seed, skips, times } = run;
  return [
    method,
    String(seed),
    percent(run.testAccuracy),
    compact(run.parameters),
    compact(run.macs),
    skips === undefined ? none : `${skips.normal} + ${skips.reduce}`,
    seconds(times.searchSeconds),
    seconds(times.trainSeconds),
    run.status === 'finished' ? '' : run.status,
  ];
}

function methodRow({
  name,
  finished,
  testAccuracy,
  againstRandom,
  parameters,
  skips,
}: MethodResult): string[] {
  const difference = againstRandom[0]?.testAccuracy;
  return [
    name,
    String(finished),
    percent(testAccuracy?.mean),
    percent(testAccuracy?.standardDeviation),
    interval(testAccuracy),
    percent(difference?.mean),
    interval(difference),
    compact(parameters?.mean),
    skips === undefined ? none : skips.mean.toFixed(1),
  ];
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? none : `${(100 * share).toFixed(2)} %`;
}

function interval(summary: Summary | undefined): string {
  if (summary === undefined || summary.interval === null) return none;
  const [low, high] = summary.interval.map((share) => (100 * share).toFixed(2));
  return `${low} to ${high} %`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? none : `${value.toFixed(1)} s`;
}
