// `genonnx study`: methods compared at one budget over several seeds, every run of them reported.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { z } from 'zod';
import { loadDataset } from '../../../datasets/index.js';
import { GenonnxError } from '../../errors.js';
import { sampleGenotype } from '../../estimators/random.js';
import { toolVersions } from '../../library/session.js';
import { trainingKind } from '../../library/train.js';
import { asUnreadable } from '../../runs/file-errors.js';
import { readJson } from '../../runs/json-file.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../../runs/run-folder.js';
import { runFiles, volatileKeys } from '../../runs/run-store.js';
import { DARTS_SPACE } from '../../spaces/convolutional.js';
import { printGenotype } from '../../spaces/print.js';
import { zooEntry } from '../../spaces/zoo.js';
import { startChild } from '../../study/child-process.js';
import { type Study, studySchema } from '../../study/config.js';
import { studyFiles } from '../../study/plan.js';
import type { StudyResults } from '../../study/results.js';
import { describeFailure, runStudy } from '../../study/run-study.js';
import { parseStudy } from '../../study/study-file.js';
import { resolveTraining } from '../../tasks/classification/resolve-training.js';
import type { TrainConfig } from '../../tasks/classification/training-settings.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { withFlags } from '../option-flags.js';
import { wholeNumber } from '../options.js';
import { print, printJson, say } from '../output.js';
import { searchSettings, trainSettings } from '../run-settings.js';
import { withOverrides } from '../settings.js';
import { studyTables } from '../study-tables.js';
import { required } from './search.js';

const childOptions = { search: searchSettings, train: trainSettings };

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
    .action(study);
}

async function study(file: string | undefined, options: StudyOptions): Promise<void> {
  const asked = await askedStudy(file, options);
  const { settings } = asked;
  const { data, limit } = settings;
  const dataset = await loadDataset(data, limit === undefined ? {} : { limit });
  const training = recipeOf(settings);
  trainingKind.problem(training, dataset);
  const folder = await asked.open({ name: dataset.name, checksums: dataset.checksums });
  const interrupt = onInterrupt();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  try {
    const results = await runStudy({
      folder,
      study: settings,
      jobs: options.jobs,
      dataset,
      training,
      options: childOptions,
      tools: toolVersions,
      startChild,
      sample: (stream, kind) => sampleGenotype(DARTS_SPACE, stream, kind),
      signal: controller.signal,
      line: say,
    });
    await folder.writeJson(studyFiles.results, results);
    const { renderStudy } = await import('../../report/study.js');
    await folder.write(studyFiles.report, renderStudy(results));
    if (options.json === true) printJson(results);
    else print(studyTables(results));
    closing(results, folder.path);
  } finally {
    process.off('SIGINT', abort).off('SIGTERM', abort);
    interrupt.dispose();
    await folder.close();
  }
}

const manifestSchema = z.object({
  kind: z.literal('study'),
  study: studySchema,
  data: z.object({ name: z.string(), checksums: z.record(z.string(), z.string()) }),
});
type Manifest = z.infer<typeof manifestSchema>;

/** The images must stay the same, too: not every run of a study begins on the same day. */
type DataRecord = Manifest['data'];

interface AskedStudy {
  readonly settings: Study;
  open(data: DataRecord): Promise<RunFolder>;
}

/** A new study, or the one that the folder holds, which must be the one of the file. */
async function askedStudy(file: string | undefined, { out, resume }: StudyOptions): Promise<AskedStudy> {
  const path = resume ?? required(out);
  const config = join(path, runFiles.config);
  const volatile = [...volatileKeys, 'study.jobs'];
  if (file === undefined) {
    if (resume === undefined) {
      throw new GenonnxError('usage', 'A new study needs its file.', {
        expected: 'genonnx study FILE.yaml --out FOLDER',
        cure: 'Name the file, or pass --resume FOLDER.',
      });
    }
    const { study: settings } = await readJson(config, manifestSchema);
    return { settings, open: (data) => openRunFolder(path, manifestOf(settings, data)) };
  }
  const settings = parseStudy(await textOf(file), file, childOptions);
  const isNew = resume === undefined && !existsSync(config);
  return {
    settings,
    open: (data) => {
      const manifest = manifestOf(settings, data);
      return isNew ? createRunFolder(path, manifest) : openRunFolder(path, manifest, { volatile });
    },
  };
}

function manifestOf(study: Study, data: DataRecord): Manifest {
  return { kind: 'study', study, data };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw asUnreadable(error, file, 'a study file');
  }
}

/** The recipe of the children as `genonnx train` will resolve it, with a genotype that stands for all. */
function recipeOf({ preset, data, limit, threads, train }: Study): TrainConfig {
  const genotype = printGenotype(zooEntry('DARTS_V2').genotype);
  const settings = withOverrides({}, new Map(Object.entries(train)));
  return resolveTraining({ preset, given: { ...settings, data, limit, seed: 0, genotype }, threads });
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
