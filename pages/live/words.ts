// Numbers, states and times in words.
import type { MetricInfo, RunInfo, RunState, Stage, TableInfo } from '../../src/live/messages.js';
import { integer, none, percent, shown } from '../../src/report/format.js';
import type { KnownRun } from './state.js';

/** With a sign each, so that colour alone tells nothing. */
export const stateWords: { readonly [S in RunState]: { readonly sign: string; readonly word: string } } = {
  running: { sign: '▶', word: 'running' },
  done: { sign: '✓', word: 'done' },
  failed: { sign: '✕', word: 'failed' },
  stopped: { sign: '❚❚', word: 'stopped' },
  killed: { sign: '⊘', word: 'killed' },
};

export const stageWords: { readonly [S in Stage]: { readonly sign: string; readonly word: string } } = {
  waiting: { sign: '·', word: 'waiting' },
  searching: { sign: '▶', word: 'searching' },
  training: { sign: '▶', word: 'training' },
  stopped: stateWords.stopped,
  failed: stateWords.failed,
  finished: { sign: '✓', word: 'finished' },
};

export function metricText({ form }: Pick<MetricInfo, 'form'>, value: number | null | undefined): string {
  return form === 'share' ? percent(value) : shown(value, (x) => x.toFixed(1));
}

export function lossText(value: number | null | undefined): string {
  return shown(value, (x) => (x >= 100 ? x.toFixed(0) : x.toFixed(3)));
}

/** `3 min 20 s` */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 48) return `${hours} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** `7 of 50 epochs` */
export function progressText({ info, epochs }: KnownRun): string {
  return `${epochs} of ${info.epochs} epochs`;
}

/** Epochs by which the time of the next ones is judged. */
const recentEpochs = 5;

/** What is left of a run, at the speed of its last epochs; undefined where nothing can be said. */
export function leftMs({ info, epochs, columns }: KnownRun, nowMs: number): number | undefined {
  if (info.state !== 'running') return undefined;
  const recent = (columns.get('seconds') ?? []).slice(-recentEpochs).filter((value) => value !== null);
  if (recent.length === 0) return undefined;
  const epochMs = (1000 * recent.reduce((sum, value) => sum + value, 0)) / recent.length;
  const sinceMs = Math.min(nowMs - info.changedAt, epochMs);
  return Math.max(0, (info.epochs - epochs) * epochMs - sinceMs);
}

/** `300 of 4113 trainings done, 2 failed` */
export function tableProgressText({ scores, failed, trainings }: TableInfo): string {
  const failures = failed.flat().length;
  const failedText = failures > 0 ? `, ${failures} failed` : '';
  return `${integer(doneIn({ scores }))} of ${integer(trainings)} trainings done${failedText}`;
}

/** Trainings of a table that are done. */
export function doneIn({ scores }: Pick<TableInfo, 'scores'>): number {
  return scores.flat().filter((score) => score !== null).length;
}

/** What is left of a table, at the speed of its last trainings; undefined where nothing can be said. */
export function tableLeftMs(table: TableInfo): number | undefined {
  const { state, trainings, failed, jobs, seconds } = table;
  if (state !== 'running' || seconds === null || jobs === undefined) return undefined;
  return (1000 * seconds * Math.max(0, trainings - doneIn(table) - failed.flat().length)) / jobs;
}

/** The last number of a column; null where it has none. */
export function lastOf({ columns }: KnownRun, name: string): number | null {
  const values = columns.get(name) ?? [];
  for (let index = values.length - 1; index >= 0; index -= 1) {
    const value = values[index];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** The figure that a run is known by: of the test, of what was held out, or of what it learns from. */
export function headlineOf(run: KnownRun): string {
  const [metric] = run.info.metrics;
  if (metric === undefined) return none;
  const test = run.info.results?.test[metric.name];
  if (test !== undefined) return `test ${metricText(metric, test)}`;
  const held = lastOf(run, `validation.${metric.name}`);
  if (held !== null) return `validation ${metricText(metric, held)}`;
  const train = lastOf(run, `train.${metric.name}`);
  return train === null ? '' : `training ${metricText(metric, train)}`;
}

/** `egs, M=4, seed 1` or the genotype's data: what tells a run from those beside it. */
export function describe({ kind, settings }: RunInfo): string {
  const parts = [
    kind === 'search' ? settings.method : undefined,
    kind === 'search' && settings.samples !== undefined ? `M=${settings.samples}` : undefined,
    settings.data,
    settings.seed === undefined ? undefined : `seed ${settings.seed}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
