// The figures of a study as tables on the terminal: one row a method, and one row a run.
import type { Metric } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import { compact, none, shown } from '../report/format.js';
import type { MethodResult, RunResult, StudyResults } from '../study/results.js';
import { tasks } from '../tasks/tasks.js';
import { table } from './output.js';

type Summary = NonNullable<MethodResult['parameters']>;

export function studyTables({ study, methods, runs, statistics }: StudyResults): string {
  const [metric] = tasks[study.task].measures.metrics;
  const score = `test ${inSentence(metric.title)}`;
  return [
    table([
      ['run', 'seed', score, 'parameters', 'multiply-adds', 'skips', 'search', 'training', ''],
      ...runs.map((run) => runRow(run, metric)),
    ]),
    '',
    table([
      ['method', 'n', score, 's.d.', 'interval', 'less random', 'interval', 'parameters', 'skips'],
      ...methods.map((method) => methodRow(method, metric)),
    ]),
    `Intervals: ${statistics.interval}. Differences are paired by seed.`,
  ].join('\n');
}

function runRow(run: RunResult, metric: Metric): string[] {
  const { method, seed, skips, times } = run;
  return [
    method,
    String(seed),
    scored(metric, run.test?.[metric.name]),
    compact(run.parameters),
    compact(run.macs),
    Object.values(skips ?? {}).join(' + ') || none,
    seconds(times.searchSeconds),
    seconds(times.trainSeconds),
    run.status === 'finished' ? '' : run.status,
  ];
}

function methodRow(
  { name, finished, test, againstRandom, parameters, skips }: MethodResult,
  metric: Metric,
): string[] {
  const own = test[metric.name];
  const difference = againstRandom[0]?.test[metric.name];
  return [
    name,
    String(finished),
    scored(metric, own?.mean),
    scored(metric, own?.standardDeviation),
    interval(metric, own),
    scored(metric, difference?.mean),
    interval(metric, difference),
    compact(parameters?.mean),
    skips === undefined ? none : skips.mean.toFixed(1),
  ];
}

function scored({ format }: Metric, value: number | null | undefined): string {
  return shown(value, (x) => format(x, 2));
}

function interval(metric: Metric, summary: Summary | undefined): string {
  if (summary === undefined || summary.interval === null) return none;
  return summary.interval.map((end) => scored(metric, end)).join(' to ');
}

function seconds(value: number | undefined): string {
  return value === undefined ? none : `${value.toFixed(1)} s`;
}
