// `genonnx bench step`: times one supernet training step, in a process of its own.
import process from 'node:process';
import type { Command } from 'commander';
import { execa } from 'execa';
import { z } from 'zod';
import { benchModel, type ModelTiming } from '../../deploy/bench-model.js';
import { benchStep, parseGates, type StepTiming } from '../../deploy/bench-step.js';
import { layoutChoices, resolveLayout } from '../layout.js';
import { batchSizes, imageShape, oneOf, wholeNumber } from '../options.js';
import { print, printJson, table } from '../output.js';

/** Marks the child process that does the timing. */
const childMark = 'GENONNX_BENCH_CHILD';

export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('measure models, each in a process of its own, or (bench step) a training step')
    .argument('<models...>', 'ONNX files')
    .enablePositionalOptions()
    .option('--batch <sizes>', 'batch sizes, separated by commas', batchSizes, [1])
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), 2)
    .option('--runs <n>', 'counted runs', wholeNumber('runs'), 50)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx bench model.onnx --batch 1,8,64\n  genonnx bench step --gates node:4',
    )
    .action(benchModels);
  bench
    .command('step')
    .description('time one supernet training step, in a process of its own')
    .option('--cells <n>', 'cells', wholeNumber('cells'), 4)
    .option('--channels <n>', 'initial channels', wholeNumber('channels'), 8)
    .option('--batch <n>', 'images a step', wholeNumber('batch'), 32)
    .option('--image <HxWxC>', 'image size', imageShape, imageShape('28x28x1'))
    .option(
      '--gates <pattern>',
      'which candidates run: all, edge:N or node:N',
      parseGates,
      parseGates('node:4'),
    )
    .option('--layout <layout>', 'auto, blocked or portable', oneOf('layout', layoutChoices), 'auto')
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), 2)
    .option('--runs <n>', 'counted runs', wholeNumber('runs'), 15)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  genonnx bench step --cells 4 --channels 8 --batch 32 --image 28x28x1 --gates node:4 --json',
    )
    .action(async ({ json, layout, ...options }) => {
      if (process.env[childMark] === undefined) return inChild();
      const timing = await benchStep({ ...options, layout: await resolveLayout(layout) });
      if (json) printJson(timing);
      else print(describe(timing));
    });
}

interface BenchOptions {
  readonly batch: readonly number[];
  readonly threads: number;
  readonly runs: number;
  readonly json?: boolean;
}

/** Measures every model with every batch, one process after the other. */
async function benchModels(
  models: readonly string[],
  { batch, threads, runs, json }: BenchOptions,
): Promise<void> {
  const single = process.env[childMark];
  if (single !== undefined) {
    const [size] = batch;
    const [model] = models;
    if (size === undefined || model === undefined) return;
    printJson(await benchModel({ model, batch: size, threads, runs }));
    return;
  }
  const timings: ModelTiming[] = [];
  for (const model of models) {
    for (const size of batch) {
      const args = [
        'bench',
        model,
        '--batch',
        String(size),
        '--threads',
        String(threads),
        '--runs',
        String(runs),
      ];
      const child = await execa(process.execPath, [process.argv[1] ?? '', ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { [childMark]: '1' },
        reject: false,
      });
      if (child.exitCode !== 0) {
        process.exitCode = child.exitCode ?? 3;
        return;
      }
      timings.push(timingSchema.parse(JSON.parse(child.stdout)));
    }
  }
  if (json === true) printJson(timings);
  else print(timingTable(timings));
}

const timingSchema = z.object({
  model: z.string(),
  batch: z.number(),
  threads: z.number(),
  runs: z.number(),
  warmUpRuns: z.number(),
  sessionMs: z.number(),
  firstRunMs: z.number(),
  p10Ms: z.number(),
  medianMs: z.number(),
  p90Ms: z.number(),
  imagesPerSecond: z.number(),
  parameters: z.number().nullable(),
  macs: z.number().nullable(),
});

function timingTable(timings: readonly ModelTiming[]): string {
  const ms = (value: number): string => value.toFixed(2);
  const count = (value: number | null): string => (value === null ? '-' : value.toLocaleString('en'));
  return table([
    [
      'model',
      'batch',
      'median ms',
      'p10 ms',
      'p90 ms',
      'images/s',
      'first ms',
      'session ms',
      'parameters',
      'multiply-adds',
    ],
    ...timings.map((t) => [
      t.model,
      String(t.batch),
      ms(t.medianMs),
      ms(t.p10Ms),
      ms(t.p90Ms),
      t.imagesPerSecond.toFixed(0),
      ms(t.firstRunMs),
      ms(t.sessionMs),
      count(t.parameters),
      count(t.macs),
    ]),
  ]);
}

/** Runs the same command line in a fresh process, whose memory and allocator are its own. */
async function inChild(): Promise<void> {
  const child = await execa(process.execPath, process.argv.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { [childMark]: '1', GLIBC_TUNABLES: process.env.GLIBC_TUNABLES ?? 'glibc.malloc.hugetlb=1' },
    reject: false,
  });
  process.exitCode = child.exitCode ?? 3;
}

function describe(timing: StepTiming): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return table([
    ['step, median', ms(timing.medianMs)],
    ['10th to 90th percentile', `${ms(timing.p10Ms)} to ${ms(timing.p90Ms)}`],
    ['session creation', ms(timing.sessionMs)],
    ['peak memory', `${(timing.peakRssBytes / 1e6).toFixed(0)} MB`],
    ['layout', timing.layout],
    ['ONNX nodes', String(timing.nodes)],
  ]);
}
