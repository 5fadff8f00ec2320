// `genonnx bench step`: times one supernet training step, in a process of its own.
import { type Command, Option } from 'commander';
import { parseGates } from '../../bench/step-timing.js';
import { type BenchStepOptions, benchStep } from '../../library/bench-parts.js';
import { imageShape, wholeNumber } from '../options.js';
import { say } from '../output.js';
import { showTiming, timingOptions } from './step-timings.js';

export function registerBenchStep(bench: Command): void {
  const command = bench
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
    );
  timingOptions(command)
    .addHelpText(
      'after',
      '\nExample:\n  genonnx bench step --cells 4 --channels 8 --batch 32 --image 28x28x1 --gates node:4 --json',
    )
    .action(async ({ json, ...options }: BenchStepOptions & { readonly json?: boolean }) => {
      showTiming(await benchStep({ ...options, onNote: say }), json);
    });
}
