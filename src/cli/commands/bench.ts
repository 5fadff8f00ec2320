// `genonnx bench`: the latency of models, with a receipt of what was measured and where it really ran.
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { Dataset } from '../../../datasets/dataset.js';
import { compareResults, refusalOf } from '../../bench/compare.js';
import {
  candidateName,
  type Failed,
  failed,
  type Outcome,
  requireMeasurements,
} from '../../bench/failures.js';
import { collectDevice } from '../../bench/machine.js';
import { type Candidate, type MeasureOptions, measure } from '../../bench/measure.js';
import { nodeRooflines, nodeSubjects } from '../../bench/node/node-subject.js';
import { isNodeProvider } from '../../bench/node/session-options.js';
import { type ProviderName, providerNames } from '../../bench/providers.js';
import { type OptimizationLevel, optimizationLevels } from '../../bench/receipt.js';
import { type BenchResults, benchJsonSchema, parseResults } from '../../bench/results.js';
import { Rooflines } from '../../bench/rooflines.js';
import type { OpenSubject } from '../../bench/subject.js';
import { type BenchPrecision, benchPrecisions, variantsOf } from '../../bench/variants.js';
import { readModelFile } from '../../deploy/model-file.js';
import { OPTIMIZATIONS, type Optimization } from '../../deploy/optimize.js';
import { GenonnxError } from '../../errors.js';
import { nearestName } from '../../nearest-name.js';
import { asUnreadable } from '../../runs/file-errors.js';
import { version } from '../../version.js';
import { interruptedExitCode } from '../interrupt.js';
import { withFlags } from '../option-flags.js';
import { eachOf, number, wholeNumber, wholeNumbers } from '../options.js';
import { print, printJson, say } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';
import { startProgress } from '../progress.js';
import { registerBenchCells } from './bench-cells.js';
import { registerBenchStep } from './bench-step.js';

export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .description(
      'measure the latency of models; of every part of a network (cells); of a training step (step)',
    )
    .argument('[models...]', 'ONNX files')
    .enablePositionalOptions()
    .option(
      '--provider <names>',
      `execution providers, separated by commas: ${providerNames.join(', ')}`,
      eachOf('provider', providerNames),
      ['cpu'],
    )
    .option('--batch <sizes>', 'batch sizes, separated by commas', wholeNumbers('batch'), [1])
    .option(
      '--threads <numbers>',
      'threads of the runtime, separated by commas',
      wholeNumbers('threads'),
      [2],
    )
    .option(
      '--level <levels>',
      `how much ONNX Runtime may change a graph: ${optimizationLevels.join(', ')}`,
      eachOf('level', optimizationLevels),
      ['all'],
    )
    .option(
      '--optimize <hows>',
      `forms of the graph to compare, for models of ours: ${OPTIMIZATIONS.join(', ')} (default: as the file is)`,
      eachOf('optimize', OPTIMIZATIONS),
    )
    .option(
      '--precision <names>',
      `precisions to compare, for models of ours: ${benchPrecisions.join(', ')} (default: as the file is)`,
      eachOf('precision', benchPrecisions),
    )
    .option(
      '--data <name|folder>',
      'what int8 is calibrated and judged on (default: noise, which says nothing of accuracy)',
    )
    .option(
      '--rounds <n>',
      'interleaved rounds: the more, the narrower the intervals',
      wholeNumber('rounds', 2),
      10,
    )
    .option('--runs <n>', 'counted runs of each, at least this many ...', wholeNumber('runs'), 50)
    .option('--seconds <s>', '... or as many as this time holds', number('seconds', 0), 3)
    .option('--allow-fallback', 'measure although nodes run on the CPU when another provider was asked for')
    .option('--no-tf32', 'forbid TF32 on NVIDIA GPUs (NVIDIA_TF32_OVERRIDE=0)')
    .option('--no-roofline', 'leave the peaks of this machine unmeasured')
    .option('--json', 'print JSON (its schema: --schema)')
    .option('--html <file>', 'write a page with plots')
    .option('--force', 'overwrite an existing page')
    .option('--show <file>', 'show results that were kept, instead of measuring')
    .option('--compare <files...>', 'compare two files of results, before and after, instead of measuring')
    .option('--schema', 'print the JSON schema of the results instead of measuring')
    .addHelpText(
      'after',
      `
Examples:
  genonnx bench model.onnx --batch 1,8,64
  genonnx bench ours.onnx theirs.onnx --json > results.json
  genonnx bench model.onnx --optimize none,fold,cpu --level basic,all
  genonnx bench runs/child/model.onnx --precision float32,int8 --data fashion-mnist
  genonnx bench model.onnx --provider cuda --no-tf32
  genonnx bench model.onnx --provider web-wasm,web-webgpu --html bench.html
  genonnx bench --show results.json --html results.html
  genonnx bench --compare before.json after.json
  genonnx bench step --gates node:4

A candidate that fails is listed with its error, the others are measured; the exit code is then 1.`,
    )
    .action(async (models: readonly string[], options: BenchOptions) => {
      requireOneTask(models, options);
      if (options.schema === true) return printJson(benchJsonSchema());
      if (options.show !== undefined) return await show(await readResults(options.show), options);
      if (options.compare !== undefined) return await compareFiles(options.compare, options);
      await benchModels(models, options);
    });
  registerBenchStep(bench);
  registerBenchCells(bench);
}

interface BenchOptions {
  readonly provider: readonly ProviderName[];
  readonly batch: readonly number[];
  readonly threads: readonly number[];
  readonly level: readonly OptimizationLevel[];
  readonly optimize?: readonly Optimization[];
  readonly precision?: readonly BenchPrecision[];
  readonly data?: string;
  readonly rounds: number;
  readonly runs: number;
  readonly seconds: number;
  readonly allowFallback?: boolean;
  readonly tf32: boolean;
  readonly roofline: boolean;
  readonly json?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly show?: string;
  readonly compare?: readonly string[];
  readonly schema?: boolean;
}

/** @throws GenonnxError `usage` where models are to be measured, and something else instead. */
function requireOneTask(models: readonly string[], { show: kept, compare, schema }: BenchOptions): void {
  const tasks = [
    ...(models.length > 0 ? ['models to measure'] : []),
    ...(kept === undefined ? [] : ['--show']),
    ...(compare === undefined ? [] : ['--compare']),
    ...(schema === undefined ? [] : ['--schema']),
  ];
  if (tasks.length < 2) return;
  throw new GenonnxError('usage', 'Only one of these can be done at a time.', {
    expected: 'models to measure, --show, --compare or --schema',
    found: tasks.join(' and '),
    cure: 'Call it once for each.',
  });
}

async function benchModels(models: readonly string[], options: BenchOptions): Promise<void> {
  if (models.length === 0) {
    throw new GenonnxError('usage', 'There is nothing to measure.', {
      expected: 'ONNX files, or --compare with two files of results',
      cure: 'Pass for example model.onnx.',
    });
  }
  if (options.html !== undefined) requireNewFile(options.html, options.force);
  await inTemporaryFolder(async (folder) => {
    const results = await resultsOf(await candidatesOf(models, options, folder), options);
    await show(results, options);
    // What was measured is there to be seen; that not all was is no success.
    if (results.failures.length > 0) process.exitCode = 1;
  });
}

/** A folder for models that are made to be measured. It goes when the work ends, fails or is interrupted. */
async function inTemporaryFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'genonnx-bench-'));
  const interrupted = (): void => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(interruptedExitCode);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    await work(folder);
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
    await rm(folder, { recursive: true, force: true });
  }
}

async function resultsOf(chosen: Chosen, options: BenchOptions): Promise<BenchResults> {
  const progress = startProgress('bench');
  try {
    const device = await collectDevice();
    const measured = await measure(
      chosen.candidates,
      measureOptions(options, (done, next) => progress.update(done, next)),
    );
    const failures = [...chosen.failures, ...measured.failures];
    requireMeasured({ ...measured, failures });
    return {
      format: 1,
      tool: `genonnx ${version}`,
      measuredAt: new Date().toISOString(),
      device,
      measurements: [...measured.measurements],
      failures: failures.map(({ failure }) => ({ ...failure, message: withFlags(failure.message) })),
    };
  } finally {
    progress.end();
  }
}

/** The error of the first is that of the command, where there is nothing but errors; the others are said before. */
function requireMeasured(outcome: Outcome): void {
  if (outcome.measurements.length === 0)
    for (const { failure } of outcome.failures.slice(1))
      say(`not measured: ${candidateName(failure)}: ${failure.message.split('\n')[0]}`);
  requireMeasurements(outcome);
}

async function show(results: BenchResults, { html, json, force }: BenchOptions): Promise<void> {
  if (html !== undefined) {
    requireNewFile(html, force);
    const { benchPage } = await import('../../report/bench/page.js');
    await writeOutput(html, benchPage(results));
    say(`Wrote ${html}.`);
  }
  if (json === true) printJson(results);
  else print((await import('../../bench/show/table.js')).benchText(results));
}

interface Chosen {
  readonly candidates: readonly Candidate[];
  /** Of models whose forms could not be made. */
  readonly failures: readonly Failed[];
}

/**
 * The first of every batch is what the others of it are compared with.
 * @throws GenonnxError `file-missing`, `usage`: what is wrong with the command is said before anything is measured.
 */
async function candidatesOf(
  models: readonly string[],
  { provider, batch, threads, level, optimize = [], precision = [], data }: BenchOptions,
  folder: string,
): Promise<Chosen> {
  for (const model of models) await requireFile(model);
  const dataset = data === undefined ? undefined : await loadData(data);
  const choice = { optimizations: optimize, precisions: precision, dataset };
  const forms: Pick<Candidate, 'model' | 'variant' | 'file'>[] = [];
  const failures: Failed[] = [];
  for (const [i, model] of models.entries()) {
    const own = join(folder, String(i));
    await mkdir(own);
    try {
      for (const { name, file } of await variantsOf(model, choice, own, version))
        forms.push({ model, variant: name, file });
    } catch (error) {
      if (error instanceof GenonnxError && error.code === 'usage') throw error;
      failures.push(failed(model, null, error));
    }
  }
  const candidates: Candidate[] = [];
  for (const size of batch)
    for (const form of forms)
      for (const asked of provider)
        for (const count of threads)
          for (const optimization of level)
            candidates.push({ ...form, provider: asked, batch: size, threads: count, optimization });
  return { candidates, failures };
}

/** @throws GenonnxError `file-missing`; the word may have been meant for a command. */
async function requireFile(model: string): Promise<void> {
  try {
    await readModelFile(model);
  } catch (error) {
    const meant = nearestName(model, ['cells', 'step']);
    if (!(error instanceof GenonnxError) || meant === undefined) throw error;
    const { code, summary, details } = error;
    const cure = `Did you mean genonnx bench ${meant}?`;
    throw new GenonnxError(code, summary, { ...details, cure }, { cause: error });
  }
}

async function loadData(data: string): Promise<Dataset> {
  return await (await import('../../../datasets/index.js')).loadDataset(data);
}

function measureOptions(
  { rounds, runs, seconds, allowFallback = false, tf32, roofline }: BenchOptions,
  progress: NonNullable<MeasureOptions['progress']>,
): MeasureOptions {
  const added = tf32 ? {} : { NVIDIA_TF32_OVERRIDE: '0' };
  const inNode = nodeSubjects({ environment: added });
  return {
    effort: { rounds, runs, seconds },
    allowFallback,
    open: (provider) => (isNodeProvider(provider) ? inNode : inBrowser),
    environment: { ...process.env, ...added },
    peaks: roofline ? new Rooflines(nodeRooflines({ environment: added })) : null,
    progress,
  };
}

/** The driver of the browser is only loaded by whoever measures there. */
const inBrowser: OpenSubject = async (request) =>
  await (await import('../../bench/web/web-subject.js')).openWebSubject(request);

async function compareFiles(files: readonly string[], { json }: BenchOptions): Promise<void> {
  const [before, after] = files;
  if (before === undefined || after === undefined || files.length !== 2) {
    throw new GenonnxError('usage', '--compare takes two files of results.', {
      expected: 'two: before and after',
      found: String(files.length),
      cure: 'Make them with genonnx bench MODEL --json > FILE.',
    });
  }
  const comparison = compareResults(await readResults(before), await readResults(after));
  if (json === true) printJson(comparison);
  else print((await import('../../bench/show/comparison.js')).comparisonText(comparison));
  const refusal = refusalOf(comparison);
  if (refusal !== undefined) throw refusal;
}

async function readResults(path: string): Promise<BenchResults> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw asUnreadable(error, path, 'results, as bench --json prints them');
  });
  return parseResults(text, path);
}
