// `genonnx bench`: the latency of models, with a receipt of what was measured and where it really ran.
import process from 'node:process';
import type { Command } from 'commander';
import { compareResults, refusalOf } from '../../bench/compare.js';
import { type ProviderName, providerNames } from '../../bench/providers.js';
import { type OptimizationLevel, optimizationLevels } from '../../bench/receipt.js';
import { type BenchResults, benchJsonSchema } from '../../bench/results.js';
import { type BenchPrecision, benchPrecisions } from '../../bench/variants.js';
import { loadModelData } from '../../deploy/load-model-data.js';
import { readModelFile } from '../../deploy/model-file.js';
import { OPTIMIZATIONS, type Optimization } from '../../deploy/optimize.js';
import { GenonnxError } from '../../errors.js';
import { type BenchOptions, bench, readResults } from '../../library/bench.js';
import { nearestName } from '../../nearest-name.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { withFlags } from '../option-flags.js';
import { eachOf, number, wholeNumber, wholeNumbers } from '../options.js';
import { print, printJson, say } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';
import { startProgress } from '../progress.js';
import { registerBenchCells } from './bench-cells.js';
import { registerBenchStep } from './bench-step.js';
import { registerBenchTrain } from './bench-train.js';

export function registerBench(program: Command): void {
  const command = program
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
      '--length <words>',
      'words of each text, separated by commas, for language models (default: 35, or what the model is fixed to)',
      wholeNumbers('length'),
    )
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
  genonnx bench runs/lm/model.onnx --batch 1,10 --length 1,35
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
    .action(async (models: readonly string[], options: BenchCommandOptions) => {
      requireOneTask(models, options);
      if (options.schema === true) return printJson(benchJsonSchema());
      if (options.show !== undefined) return await show(await readResults(options.show), options);
      if (options.compare !== undefined) return await compareFiles(options.compare, options);
      await benchModels(models, options);
    });
  registerBenchStep(command);
  registerBenchTrain(command);
  registerBenchCells(command);
}

interface BenchCommandOptions {
  readonly provider: readonly ProviderName[];
  readonly batch: readonly number[];
  readonly length?: readonly number[];
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
function requireOneTask(
  models: readonly string[],
  { show: kept, compare, schema }: BenchCommandOptions,
): void {
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

async function benchModels(models: readonly string[], options: BenchCommandOptions): Promise<void> {
  if (models.length === 0) {
    throw new GenonnxError('usage', 'There is nothing to measure.', {
      expected: 'ONNX files, or --compare with two files of results',
      cure: 'Pass for example model.onnx.',
    });
  }
  if (options.html !== undefined) requireNewFile(options.html, options.force);
  for (const model of models) await requireFile(model);
  const interrupt = onInterrupt('Stopping; once more to stop at once.');
  const progress = startProgress('bench');
  try {
    const { failures, ...measured } = await bench({
      ...(await choiceOf(models, options)),
      onProgress: progress.update,
      onNote: say,
      signal: interrupt.signal,
    });
    progress.end();
    await show(
      { ...measured, failures: failures.map((one) => ({ ...one, message: withFlags(one.message) })) },
      options,
    );
    // What was measured is there to be seen; that not all was is no success.
    if (failures.length > 0) process.exitCode = 1;
  } catch (error) {
    if (!interrupt.stopped()) throw error;
    process.exitCode = interruptedExitCode;
  } finally {
    progress.end();
    interrupt.dispose();
  }
}

async function choiceOf(models: readonly string[], options: BenchCommandOptions): Promise<BenchOptions> {
  const [first] = models;
  const { provider, batch, length, level, optimize, precision, data, ...others } = options;
  const { threads, rounds, runs, seconds, allowFallback = false, tf32, roofline } = others;
  return {
    models,
    providers: provider,
    batches: batch,
    lengths: length,
    threads,
    levels: level,
    optimizations: optimize,
    precisions: precision,
    dataset: data === undefined || first === undefined ? undefined : await loadModelData(data, first),
    rounds,
    runs,
    seconds,
    allowFallback,
    tf32,
    roofline,
  };
}

async function show(results: BenchResults, { html, json, force }: BenchCommandOptions): Promise<void> {
  if (html !== undefined) {
    requireNewFile(html, force);
    const { benchPage } = await import('../../report/bench/page.js');
    await writeOutput(html, benchPage(results));
    say(`Wrote ${html}.`);
  }
  if (json === true) printJson(results);
  else print((await import('../../bench/show/table.js')).benchText(results));
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

async function compareFiles(files: readonly string[], { json }: BenchCommandOptions): Promise<void> {
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
