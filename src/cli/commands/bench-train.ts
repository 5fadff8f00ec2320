// `genonnx bench train`: times one training step of a genotype's network, in a process of its own.
import type { Command } from 'commander';
import { type BenchTrainOptions, benchTrain } from '../../library/bench-parts.js';
import type { NetworkName } from '../../networks/evaluation.js';
import { genotypeFrom, genotypeHelp } from '../genotype-argument.js';
import { networkOptions } from '../network-options.js';
import { number, wholeNumber } from '../options.js';
import { say } from '../output.js';
import { showTiming, timingOptions } from './step-timings.js';

interface TrainCommandOptions
  extends Pick<BenchTrainOptions, 'cells' | 'initChannels' | 'classes' | 'auxiliary' | 'batch'> {
  readonly genotype: string;
  readonly network?: NetworkName;
  readonly channels?: number;
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  readonly dropPath: number;
  readonly layout: 'auto' | 'blocked' | 'portable';
  readonly threads: number;
  readonly runs: number;
  readonly profile?: boolean;
  readonly json?: boolean;
}

export function registerBenchTrain(bench: Command): void {
  const command = networkOptions(
    bench
      .command('train')
      .description("time one training step of a genotype's network, in a process of its own")
      .option('--genotype <genotype>', genotypeHelp, 'DARTS_V2'),
  )
    .option('--auxiliary', 'with the auxiliary head')
    .option('--drop-path <p>', 'drop probability; 0 takes no masks', number('drop-path', 0), 0)
    .option('--batch <n>', 'images a step', wholeNumber('batch'), 96);
  timingOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  genonnx bench train --genotype DARTS_V2 --cells 20 --channels 36 --batch 96 --auxiliary
  genonnx bench train --genotype DATA_M7 --network imagenet --batch 8 --json`,
    )
    .action(async (options: TrainCommandOptions) => {
      const { json, genotype, network: name, channels: initChannels, ...others } = options;
      const timing = await benchTrain({
        ...others,
        name,
        initChannels,
        genotype: await genotypeFrom(genotype),
        onNote: say,
      });
      showTiming(timing, json);
    });
}
