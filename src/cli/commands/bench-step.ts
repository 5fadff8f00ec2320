// `genonnx bench step`: times one supernet training step, in a process of its own.
import { type Command, Option } from 'commander';
import { parseGates, type StepTiming } from '../../bench/step-timing.js';
import { layoutChoices } from '../../engines/choice.js';
import { type BenchStepOptions, benchStep } from '../../library/bench-parts.js';
import { imageShape, oneOf, wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';

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
    .action(async ({ json, ...options }: BenchStepOptions & { readonly json?: boolean }) => {
      const timing = await benchStep({ ...options, onNote: say });
      if (json === true) printJson(timing);
      else print(describe(timing));
    });
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
