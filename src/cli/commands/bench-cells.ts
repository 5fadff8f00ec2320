// `genonnx bench cells`: the latency of every part of a network on this device, and how well sums of parts predict networks.
import type { Command } from 'commander';
import {
  type LatencyTable,
  type PredictionQuality,
  spreadOfNetworks,
} from '../../bench/cells/latency-table.js';
import { benchCells } from '../../library/bench-parts.js';
import type { NetworkName } from '../../networks/evaluation.js';
import { jsonText } from '../../runs/json.js';
import { type ConvolutionalOperation, PRIMITIVES, SEARCH_PRIMITIVES } from '../../spaces/convolutional.js';
import { networkOptions } from '../network-options.js';
import { eachOf, type ImageShape, number, wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { requireNewFile, writeOutput } from '../output-file.js';
import { startProgress } from '../progress.js';

/** Between the 10th and the 90th percentile of the rounds. */
const steadySpread = 1.3;

/** What computes something. */
const knownPrimitives = PRIMITIVES.filter((name) => name !== 'none');

interface CellsCommandOptions {
  readonly network?: NetworkName;
  readonly cells?: number;
  readonly channels?: number;
  readonly classes?: number;
  readonly image?: ImageShape;
  readonly primitives: readonly ConvolutionalOperation[];
  readonly batch: number;
  readonly threads: number;
  readonly foldBatchNorm: boolean;
  readonly genotypes: number;
  readonly seed: number;
  readonly rounds: number;
  readonly runs: number;
  readonly seconds: number;
  readonly out: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

export function registerBenchCells(bench: Command): void {
  const command = bench
    .command('cells')
    .description('measure every part of a network on this device: a table for a search that minds latency');
  networkOptions(command)
    .option(
      '--primitives <list>',
      `what may be on an edge, separated by commas: ${knownPrimitives.join(', ')}`,
      eachOf('primitives', knownPrimitives),
      SEARCH_PRIMITIVES.filter((name) => name !== 'none'),
    )
    .option('--batch <n>', 'images a run', wholeNumber('batch'), 1)
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), 2)
    .option('--no-fold-batch-norm', 'leave batch norms to the runtime')
    .option(
      '--genotypes <n>',
      'random genotypes to predict and measure',
      wholeNumber('genotypes', 0, 1000),
      20,
    )
    .option('--seed <n>', 'seed of the genotypes', wholeNumber('seed', 0), 1)
    .option('--rounds <n>', 'rounds, each of which visits every model once', wholeNumber('rounds'), 12)
    .option('--runs <n>', 'counted runs of a visit, at least', wholeNumber('runs'), 5)
    .option('--seconds <n>', 'no further round begins after that long', number('seconds', 0), 240)
    .requiredOption('--out <file>', 'where the table goes')
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx bench cells --out latency-table.json
  genonnx bench cells --network imagenet --threads 1 --genotypes 30 --out phone.json`,
    )
    .action(measureCells);
}

async function measureCells(options: CellsCommandOptions): Promise<void> {
  const {
    out,
    force,
    json,
    network: name,
    cells,
    channels: initChannels,
    classes,
    image,
    ...others
  } = options;
  requireNewFile(out, force);
  const progress = startProgress('measuring');
  const found = await benchCells({
    ...others,
    network: { name, cells, initChannels, classes, image },
    onProgress: progress.update,
  }).finally(progress.end);
  await writeOutput(out, jsonText(found));
  if (json === true) printJson(found);
  else print(describe(found));
  say(`wrote ${out}`);
  const spread = found.prediction === null ? 1 : spreadOfNetworks(found.prediction);
  if (spread > steadySpread) {
    say(
      `warning: rounds of one network differ by a factor of ${spread.toFixed(1)}: other work on this machine slows networks more than parts, and sums come out too low; measure again when it is quiet`,
    );
  }
}

function describe({ entries, prediction }: LatencyTable): string {
  const ms = (value: number): string => value.toFixed(3);
  const parts = table([
    ['part', 'shape', 'stride', 'median ms', 'p10', 'p90', 'alone ms'],
    ...entries.map((entry) => [
      entry.part === entry.operation ? entry.part : `${entry.part} ${entry.operation}`,
      `${entry.channels}${entry.outputs === entry.channels ? '' : `->${entry.outputs}`} ${entry.height}x${entry.width}`,
      String(entry.stride),
      ms(entry.medianMs),
      ms(entry.lowMs),
      ms(entry.highMs),
      entry.aloneMs === null ? '-' : ms(entry.aloneMs),
    ]),
  ]);
  if (prediction === null) return parts;
  const networks = table([
    ['network', 'measured ms', 'predicted ms', 'error %', 'sum of parts alone ms'],
    ...prediction.networks.map(({ measuredMs, predictedMs, aloneMs }, index) => [
      `random ${index + 1}`,
      ms(measuredMs),
      ms(predictedMs),
      ((100 * (predictedMs - measuredMs)) / measuredMs).toFixed(1),
      ms(aloneMs),
    ]),
  ]);
  const qualities = table([
    ['prediction', 'error %', 'bias %', 'fitted error %', 'scale', 'offset ms', 'Pearson', 'Kendall'],
    qualityRow('inside of networks', prediction.quality),
    qualityRow('parts alone', prediction.qualityAlone),
  ]);
  return [parts, networks, qualities].join('\n\n');
}

function qualityRow(name: string, quality: PredictionQuality): string[] {
  const { fit } = quality;
  const orNone = (value: number | null | undefined, digits: number): string =>
    value === null || value === undefined ? '-' : value.toFixed(digits);
  return [
    name,
    quality.meanAbsolutePercentageError.toFixed(1),
    quality.meanPercentageError.toFixed(1),
    orNone(fit?.leaveOneOutError, 1),
    orNone(fit?.scale, 3),
    orNone(fit?.offsetMs, 3),
    orNone(quality.pearson, 3),
    orNone(quality.kendall, 3),
  ];
}
