// `genonnx worker`: makes the runs that studies put into a queue.
import process from 'node:process';
import type { Command } from 'commander';
import { worker } from '../../library/worker.js';
import { workerTimes } from '../../queue/worker.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { number, wholeNumber } from '../options.js';
import { say } from '../output.js';
import { addQueueOptions, type QueueFlags, requiredQueue } from '../queue-options.js';

interface WorkerFlags extends QueueFlags {
  readonly slots?: number;
  readonly patience?: number;
}

export function registerWorker(program: Command): void {
  const command = program
    .command('worker')
    .description('make the runs that studies put into a queue, until it is stopped');
  addQueueOptions(command)
    .option('--slots <n>', 'runs side by side (default: 1)', wholeNumber('slots'))
    .option(
      '--patience <seconds>',
      `how long a worker may be silent before its run is given to another (default: ${workerTimes.lockMs / 1000})`,
      number('patience', 1),
    )
    .addHelpText(
      'after',
      `
It takes the runs of studies whose version and data it has, and says which it leaves to others. Ctrl-C: its runs write
their checkpoints and go back into the queue.

Examples:
  genonnx worker --queue redis://host:6379 --store /mnt/runs
  genonnx worker --queue rediss://host:6379 --store /mnt/runs --slots 2`,
    )
    .action(async ({ slots, patience, ...flags }: WorkerFlags) => {
      const { queue, store } = requiredQueue(flags);
      const interrupt = onInterrupt();
      const times = patience === undefined ? {} : { lockMs: patience * 1000 };
      try {
        await worker({ queue, store, slots, times, onNote: say, signal: interrupt.signal });
      } finally {
        interrupt.dispose();
      }
      process.exitCode = interruptedExitCode;
    });
}
