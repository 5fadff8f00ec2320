// `genonnx bench step`: times one supernet training step, in a process of its own.
import process from 'node:process';
import { type Command, Option } from 'commander';
import { execa } from 'execa';
import { benchStep, parseGates, type StepTiming } from '../../bench/bench-step.js';
import { layoutChoices } from '../../engines/choice.js';
import { resolveLayout } from '../../library/layout.js';
import { DARTS_SPACE } from '../../spaces/convolutional.js';
import { imageShape, oneOf, wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';

/** Marks the child process that does the timing. */
const childMark = 'GENONNX_BENCH_CHILD';

export function registerBenchStep(bench: Command): void {
  bench
    .command('step')
    .description('time one supernet training step, in a process of its own')
    .option('--cells <n>', 'cells', wholeNumber('cells'), 4)
    .option('--channels <n>', 'initial channels', wholeNumber('channels'), 8)
    .option('--batch <n>', 'images a step', wholeNumber('batch'), 32)
    .addOption(
      new Option('--image <HxWxC>', 'image size')
        .argParser(imageShape)
        .default(imageShape('28x28x1'), '28x28x1'),
    )
    .addOption(
      new Option(
        '--gates <pattern>',
        'which candidates run: all of them, N of each edge by chance (edge:N), or N of each node (node:N)',
      )
        .argParser(parseGates)
        .default(parseGates('node:4'), 'node:4'),
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
      const timing = await benchStep({
        ...options,
        space: DARTS_SPACE,
        layout: await resolveLayout(layout, say),
      });
      if (json) printJson(timing);
      else print(describe(timing));
    });
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
