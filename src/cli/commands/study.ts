// `genonnx study`: methods compared at one budget over several seeds, every run of them reported.
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { collectStudy, study, studyRun } from '../../library/study.js';
import { studyFiles } from '../../study/plan.js';
import type { StudyResults } from '../../study/results.js';
import type { OneRun } from '../../study/run-one.js';
import { describeFailure } from '../../study/run-study.js';
import type { TaskName } from '../../tasks/tasks.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { liveOption, whileLive } from '../live-option.js';
import { withFlags } from '../option-flags.js';
import { wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { addQueueOptions, type QueueFlags, queueOf, servedAt, studyIn } from '../queue-options.js';
import { taskSettings } from '../run-settings.js';
import { studyTables } from '../study-tables.js';
import { required } from './search.js';
import { isOfTable, showTableStudy } from './table-study.js';

interface StudyOptions extends QueueFlags {
  readonly out?: string;
  readonly resume?: string;
  readonly jobs?: number;
  readonly index?: number;
  readonly collect?: boolean;
  readonly serve?: ReturnType<typeof servedAt>;
  readonly live?: boolean;
  readonly json?: boolean;
}

export function registerStudy(program: Command): void {
  const command = program
    .command('study')
    .description('compare search methods at one budget over several seeds, as a file describes it')
    .argument('[file]', 'the study file (YAML)')
    .option('--out <folder>', 'where everything goes; a study that was stopped there is continued')
    .option('--resume <folder>', 'continue the study in this folder')
    .option('--jobs <n>', 'runs side by side (default: what the study says)', wholeNumber('jobs'))
    .option(
      '--index <i>',
      'run one of its runs alone, counted from 0, as a job of a cluster: its methods in their order, each with every seed',
      wholeNumber('index', 0),
    )
    .option('--collect', 'collect what the runs in the folder have come to');
  addQueueOptions(command)
    .option('--serve <port>', 'answer workers that do not share the store, on this port', servedAt)
    .option(...liveOption)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
A study file, with the settings of search and train by their options or paths:
  name: Two methods on 1000 images
  data: fashion-mnist
  limit: 1000
  preset: small
  seeds: [1, 2, 3]
  methods:
    - {name: DATA M=4, method: egs, samples: 4}
    - {method: random, match: parameters}
  search: {epochs: 3}
  train: {epochs: 5, lr: 0.05}
  recipes: {short: {}, long: {epochs: 20}}    # optional: what is found is trained under each, its search made once

Exit code 1: a run has failed. The same command, or --resume, tries it again and goes on with what is unfinished.

Examples:
  genonnx study docs/studies/small.yaml --out runs/small
  genonnx study --resume runs/small
  genonnx study docs/studies/small.yaml --out runs/small --index "$SLURM_ARRAY_TASK_ID"
  genonnx study --collect --out runs/small
  genonnx study docs/studies/small.yaml --queue redis://host:6379 --store /mnt/runs`,
    )
    .action(showStudy);
}

async function showStudy(file: string | undefined, options: StudyOptions): Promise<void> {
  const { out, resume, jobs, index, collect, live, json } = options;
  // A machine's environment may name a queue; runs of their own and collections do not ask it.
  const queue = index === undefined && collect !== true ? queueOf(options) : undefined;
  const folder = resume ?? required(out ?? (queue && file && studyIn(queue.store, file)));
  if (collect === true) return showCollected(folder, options);
  if (file === undefined && resume === undefined) {
    throw new GenonnxError('usage', 'A new study needs its file.', {
      expected: 'genonnx study FILE.yaml --out FOLDER',
      cure: 'Name the file, or pass --resume FOLDER.',
    });
  }
  if (file !== undefined && (await isOfTable(file))) return showTableStudy(file, folder, options);
  const interrupt = onInterrupt(
    queue === undefined ? undefined : 'Leaving the queue; once more to stop at once.',
  );
  try {
    if (index !== undefined) {
      const run = { file, folder, index, optionsOf, onNote: say, signal: interrupt.signal };
      return closingRun(await whileLive(live, folder, () => studyRun(run)));
    }
    const inStudy = () =>
      study({
        file,
        folder,
        resume: resume !== undefined,
        jobs,
        queue: queue && { ...queue, serve: options.serve },
        optionsOf,
        onNote: say,
        signal: interrupt.signal,
      });
    const { place, results } = await whileLive(live, folder, inStudy, queue?.queue);
    shown(results, json);
    if (queue !== undefined && interrupt.stopped()) say('What is in the queue is done without this process.');
    closing(results, place);
  } finally {
    interrupt.dispose();
  }
}

const optionsOf = (task: TaskName) => taskSettings[task];

async function showCollected(folder: string, { json, index, jobs }: StudyOptions): Promise<void> {
  if (index !== undefined || jobs !== undefined) {
    throw new GenonnxError('usage', 'Collecting runs nothing.', {
      expected: 'genonnx study --collect --out FOLDER',
      found: index === undefined ? '--jobs beside it' : '--index beside it',
      cure: 'Leave it out.',
    });
  }
  const { place, results } = await collectStudy({ folder, optionsOf });
  shown(results, json);
  const finished = results.runs.filter(({ status }) => status === 'finished').length;
  say(`${finished} of ${results.runs.length} runs have finished`);
  say(`report: ${join(place, studyFiles.report)}`);
}

function shown(results: StudyResults, json: boolean | undefined): void {
  if (json === true) printJson(results);
  else print(studyTables(results));
}

function closingRun({ title, folder, status, failure }: OneRun): void {
  say(`${status}: ${title} (${folder})`);
  if (failure !== undefined) say(`error: ${describeFailure(failure)}`);
  for (const line of failure?.lastLines.slice(-6) ?? []) say(`  | ${withFlags(line)}`);
  if (status === 'unfinished') process.exitCode = interruptedExitCode;
  if (status === 'failed') process.exitCode = 1;
}

function closing({ runs }: StudyResults, path: string): void {
  const failed = runs.filter(({ status }) => status === 'failed');
  for (const { method, seed, folder, failure } of failed) {
    if (failure === undefined) continue;
    say(`error: ${method}, seed ${seed}: ${describeFailure(failure)} (${folder})`);
    for (const line of failure.lastLines.slice(-6)) say(`  | ${withFlags(line)}`);
  }
  const isUnfinished = runs.some(({ status }) => status === 'unfinished');
  if (failed.length > 0 || isUnfinished) say(`Continue with: genonnx study --resume ${path}`);
  if (isUnfinished) process.exitCode = interruptedExitCode;
  else if (failed.length > 0) process.exitCode = 1;
  say(`report: ${join(path, studyFiles.report)}`);
}
