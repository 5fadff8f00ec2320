// `genonnx experiment`: the paper's tables and figures, each by its name.
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { networkTable, resultTable, type TextTable } from '../../experiment/cells.js';
import { networkRows } from '../../experiment/make-results.js';
import { EXPERIMENT_NAMES, SCALES, type Scale } from '../../experiment/names.js';
import type { ExperimentResults, NetworkRow } from '../../experiment/results.js';
import {
  type Experimented,
  type ExperimentOptions,
  experiment,
  experimentFiles,
  readDeclaration,
} from '../../library/experiment.js';
import { type ExperimentPlan, planExperiment } from '../../library/experiment-plan.js';
import { describeFailure } from '../../study/run-study.js';
import type { TaskName } from '../../tasks/tasks.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { withFlags } from '../option-flags.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { addQueueOptions, type QueueFlags, queueOf } from '../queue-options.js';
import { taskSettings } from '../run-settings.js';

interface ExperimentCommandOptions extends QueueFlags {
  readonly scale: Scale;
  readonly out: string;
  readonly data?: string;
  readonly searchData?: string;
  readonly jobs?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerExperiment(program: Command): void {
  const command = program
    .command('experiment')
    .description("the paper's tables and figures, with its figures beside ours")
    .argument(
      '[name]',
      `${EXPERIMENT_NAMES.join(', ')}, or the file of a declaration; without it they are listed`,
    )
    .option(
      '--scale <scale>',
      'small (minutes, on data that comes with the package), or paper (the published settings)',
      oneOf('scale', SCALES),
      'small',
    )
    .option(
      '--out <folder>',
      'of all experiments: what several of them need is made once',
      'runs/experiments',
    )
    .option('--data <folder>', 'data that does not come with the package')
    .option('--search-data <folder>', 'data that is searched on, where it is other data')
    .option(
      '--jobs <n>',
      'runs side by side (default: as many as the cores have room for)',
      wholeNumber('jobs'),
    )
    .option('--dry-run', 'print what would be run, and how long it would take here by a short measurement');
  addQueueOptions(command)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
The same command again goes on with what is unfinished.

Examples:
  genonnx experiment
  genonnx experiment figure-1-2
  genonnx experiment table-8
  genonnx experiment table-1 --scale paper --dry-run`,
    )
    .action(async (name: string | undefined, options: ExperimentCommandOptions) => {
      if (name === undefined) return listExperiments();
      if (options.dryRun === true) return showPlan(name, options);
      await showExperiment(name, options);
    });
}

async function listExperiments(): Promise<void> {
  const rows = await Promise.all(
    EXPERIMENT_NAMES.map(async (name) => {
      const { declaration } = await readDeclaration(name);
      const minutes = declaration.kind === 'codes' ? 0 : declaration.scales.small.minutes;
      return [name, declaration.source, minutesText(minutes), declaration.title];
    }),
  );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) print(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  say(
    'Minutes of the scale small on two idle cores, as epochs were measured; fewer where another experiment has made its runs. Run one with: genonnx experiment NAME',
  );
}

function minutesText(minutes: number | undefined): string {
  if (minutes === undefined) return '';
  return minutes < 1 ? 'seconds' : `${minutes} min`;
}

async function showExperiment(
  name: string,
  { scale, out, data, searchData, jobs, json, ...flags }: ExperimentCommandOptions,
): Promise<void> {
  const interrupt = onInterrupt();
  try {
    const found = await experiment({
      name,
      scale,
      command: commandOf(name, { scale, data, searchData }),
      place: out,
      data,
      searchData,
      jobs,
      queue: queueOf(flags),
      optionsOf: (task: TaskName) => taskSettings[task],
      onNote: say,
      signal: interrupt.signal,
    });
    if (json === true) printJson(found.results);
    else print(textOf(found.results));
    closing(found);
  } finally {
    interrupt.dispose();
  }
}

async function showPlan(
  name: string,
  { scale, out, data, searchData, jobs, json }: ExperimentCommandOptions,
): Promise<void> {
  const { declaration, source } = await readDeclaration(name);
  if (declaration.kind === 'codes') {
    say('It takes a second, and no data.');
    return;
  }
  const interrupt = onInterrupt('Stopping.');
  try {
    const plan = await planExperiment({
      declaration,
      source,
      scale,
      place: out,
      data,
      searchData,
      jobs,
      optionsOf: (task: TaskName) => taskSettings[task],
      onNote: say,
      signal: interrupt.signal,
    });
    const networks = networkRows(declaration);
    if (json === true) printJson({ ...plan, networks });
    else print(planText(plan, networks));
  } finally {
    interrupt.dispose();
  }
}

function planText({ work, jobs, seconds }: ExperimentPlan, networks: readonly NetworkRow[]): string {
  const rows = work.map(({ kind, method, runs, left, epochs, steps, secondsOfRun }) => [
    `${kind === 'search' ? 'search' : 'training'}, ${method.name}`,
    String(runs),
    String(left),
    String(epochs),
    steps.toLocaleString('en'),
    left === 0 ? '' : secondsOfRun === undefined ? 'failed' : duration(secondsOfRun),
    left === 0 || secondsOfRun === undefined ? '' : duration(left * secondsOfRun),
  ]);
  const total =
    seconds === undefined
      ? 'Something could not be measured: the time of all is not known.'
      : `About ${duration(seconds)} in all, ${jobs} side by side: an estimate from two short epochs of each, on this machine as busy as it is now.`;
  return [
    table([['', 'runs', 'left', 'epochs', 'steps of a run', 'time of a run', 'of those left'], ...rows]),
    total,
    ...work.flatMap(({ method, failure }) => (failure === undefined ? [] : [`${method.name}: ${failure}`])),
    ...(networks.length === 0 ? [] : ['', tableText(networkTable(networks))]),
  ].join('\n');
}

function duration(seconds: number): string {
  const units = [
    [86_400, 'days'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([least]) => seconds >= least) ?? [1, 's'];
  const value = seconds / size;
  return `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)} ${unit}`;
}

/** By which the results are made again. */
function commandOf(
  name: string,
  { scale, data, searchData }: Pick<ExperimentOptions, 'scale' | 'data' | 'searchData'>,
): string {
  return [
    'npx genonnx experiment',
    name,
    ...(scale === 'small' ? [] : ['--scale', scale]),
    ...(data === undefined ? [] : ['--data', data]),
    ...(searchData === undefined ? [] : ['--search-data', searchData]),
  ].join(' ');
}

function textOf(results: ExperimentResults): string {
  if (results.kind === 'codes') {
    return table([
      ['code', 'paper', 'exact', 'drawn'],
      ...results.codes.map(({ code, paper, exact, drawn }) => [
        code,
        String(paper ?? ''),
        exact.toFixed(4),
        drawn.toFixed(4),
      ]),
    ]);
  }
  // Rows that the paper alone has stand in the files.
  const rows = results.rows.filter(({ ours }) => Object.keys(ours).length > 0);
  const parts = [tableText(resultTable({ ...results, rows }))];
  if (results.networks.length > 0) parts.push(tableText(networkTable(results.networks)));
  return parts.join('\n\n');
}

function tableText({ head, rows }: TextTable): string {
  return table([head, ...rows]);
}

function closing({ folder, results }: Experimented): void {
  if (results.kind === 'table') {
    const { runs } = results.study;
    for (const { method, seed, failure } of runs) {
      if (failure === undefined) continue;
      say(`error: ${method}, seed ${seed}: ${describeFailure(failure)}`);
      for (const line of failure.lastLines.slice(-6)) say(`  | ${withFlags(line)}`);
    }
    if (runs.some(({ status }) => status === 'unfinished')) process.exitCode = interruptedExitCode;
    else if (runs.some(({ status }) => status === 'failed')) process.exitCode = 1;
  }
  for (const line of results.incomparable) say(`not comparable: ${line}`);
  say(`table: ${join(folder, experimentFiles.table)}`);
  say(`report: ${join(folder, experimentFiles.report)}`);
}
