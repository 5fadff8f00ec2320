// `genonnx study`: methods compared at one budget over several seeds, every run of them reported.
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { study } from '../../library/study.js';
import { studyFiles } from '../../study/plan.js';
import type { StudyResults } from '../../study/results.js';
import { describeFailure } from '../../study/run-study.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { withFlags } from '../option-flags.js';
import { wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { taskSettings } from '../run-settings.js';
import { studyTables } from '../study-tables.js';
import { required } from './search.js';

interface StudyOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly jobs?: number;
  readonly json?: boolean;
}

export function registerStudy(program: Command): void {
  program
    .command('study')
    .description('compare search methods at one budget over several seeds, as a file describes it')
    .argument('[file]', 'the study file (YAML)')
    .option('--out <folder>', 'where everything goes; a study that was stopped there is continued')
    .option('--resume <folder>', 'continue the study in this folder')
    .option('--jobs <n>', 'runs side by side (default: what the study says)', wholeNumber('jobs'))
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

Exit code 1: a run has failed. The same command, or --resume, tries it again and goes on with what is unfinished.

Examples:
  genonnx study docs/studies/small.yaml --out runs/small
  genonnx study --resume runs/small`,
    )
    .action(showStudy);
}

async function showStudy(file: string | undefined, { out, resume, jobs, json }: StudyOptions): Promise<void> {
  const folder = resume ?? required(out);
  if (file === undefined && resume === undefined) {
    throw new GenonnxError('usage', 'A new study needs its file.', {
      expected: 'genonnx study FILE.yaml --out FOLDER',
      cure: 'Name the file, or pass --resume FOLDER.',
    });
  }
  const interrupt = onInterrupt();
  try {
    const { place, results } = await study({
      file,
      folder,
      resume: resume !== undefined,
      jobs,
      optionsOf: (task) => taskSettings[task],
      onNote: say,
      signal: interrupt.signal,
    });
    if (json === true) printJson(results);
    else print(studyTables(results));
    closing(results, place);
  } finally {
    interrupt.dispose();
  }
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
