// `genonnx compile`: a genotype and weights, or a finished training, to an ONNX model.
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { toOnnx } from '../../../exporters/onnx.js';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { PRECISIONS, type Precision } from '../../../graphs/onnx/emitter.js';
import type { LoweredModel } from '../../../graphs/onnx/lower.js';
import { OPTIMIZATIONS, type Optimization, optimizeGraph } from '../../deploy/optimize.js';
import type { PrecisionDeparture } from '../../deploy/precision-departure.js';
import { withoutAccuracy } from '../../deploy/trained-model.js';
import { bindWeights, inferenceGraph } from '../../networks/inference.js';
import { metadataOf } from '../../networks/metadata.js';
import { version } from '../../version.js';
import { compileSource, type SourceOptions } from '../compile-source.js';
import { networkOptions } from '../network-options.js';
import { numberList, oneOf, wholeNumber } from '../options.js';
import { list, print, printJson } from '../output.js';
import { requireNewFile } from '../output-file.js';
import { writeExport } from '../write-export.js';

interface CompileOptions extends SourceOptions {
  readonly opset: number;
  readonly foldBatchNorm?: boolean;
  readonly optimize?: Optimization;
  readonly precision: Precision;
  readonly externalData: 'auto' | 'always';
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What a training's folder settles. */
const settledByRun = [
  'genotype',
  'network',
  'cells',
  'channels',
  'classes',
  'image',
  'weights',
  'seed',
  'labels',
  'mean',
  'std',
];

export function registerCompile(program: Command): void {
  const command = program
    .command('compile')
    .description('compile a genotype and its weights to an ONNX model')
    .option(
      '--genotype <file|name|text>',
      'the genotype: a file (or file.py:NAME), a known name, or the text',
    )
    .addOption(
      new Option('--run <folder>', 'a finished training, instead of genotype, sizes and weights').conflicts(
        settledByRun,
      ),
    )
    .requiredOption('--out <file>', 'where the model goes');
  networkOptions(command)
    .option('--auxiliary', 'with the auxiliary head and its output')
    .option(
      '--weights <file>',
      "a state dict with PyTorch's names: safetensors, or torch.save's .pt; random weights without",
    )
    .addOption(
      new Option('--seed <n>', 'seed of fresh weights')
        .argParser(wholeNumber('seed', 0))
        .default(1)
        .conflicts('weights'),
    )
    .option(
      '--labels <file>',
      'names of the classes, one a line: kept in the metadata, shown by exported pages',
    )
    .option(
      '--mean <list>',
      'mean of each channel, of intensities from 0 to 1: kept likewise',
      numberList('mean'),
    )
    .option('--std <list>', 'standard deviation of each channel', numberList('std'))
    .addOption(
      new Option('--batch <n|symbolic>', 'batch size, or left open')
        .argParser(batchOption)
        .default('batch', 'symbolic'),
    )
    .option('--opset <n>', 'ONNX opset, 17 to 21', wholeNumber('opset', 17, 21), 17)
    .option('--fold-batch-norm', 'fold batch norms into the convolutions before them: --optimize fold')
    .addOption(
      new Option('--optimize <how>', 'none, fold, or cpu: for ONNX Runtime on processors (default: none)')
        .argParser(oneOf('optimize', OPTIMIZATIONS))
        .conflicts('foldBatchNorm'),
    )
    .option(
      '--precision <p>',
      'float32, or float16 between float32 inputs and outputs; its departure is printed',
      oneOf('precision', PRECISIONS),
      'float32',
    )
    .option(
      '--external-data <when>',
      'weights in a second file beside the model: auto (only beyond 2 GiB) or always',
      oneOf('external-data', ['auto', 'always']),
      'auto',
    )
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx compile --genotype DARTS_V2 --channels 36 --cells 20 --classes 10 --out darts.onnx
  genonnx compile --genotype DATA_M7 --network imagenet --fold-batch-norm --out imagenet.onnx
  genonnx compile --genotype genotypes.py:DATA --weights data.safetensors --auxiliary --out data.onnx
  genonnx compile --genotype DARTS_V2 --optimize cpu --out fast.onnx
  genonnx compile --run runs/child --batch 1 --opset 21 --out child.onnx`,
    )
    .action(compile);
}

async function compile(options: CompileOptions): Promise<void> {
  const { out, opset, precision, foldBatchNorm: fold = false, externalData } = options;
  const optimization = options.optimize ?? (fold ? 'fold' : 'none');
  requireNewFile(out, options.force);
  const { network, fill, origin } = await compileSource(options);
  const inference = inferenceGraph(network);
  const { cost, parameters, auxiliaryParameters } = inference;
  const described = metadataOf({
    network,
    toolVersion: version,
    optimization,
    precision,
    cost: { parameters, macs: cost.macs },
  });
  const traced = bindWeights(inference, fill(inference.weights));
  const bound = optimizeGraph(traced, optimization);
  const metadata = { ...described, ...(precision === 'float32' ? origin : withoutAccuracy(origin)) };
  const { files, model } = toOnnx(bound, {
    fileName: basename(out),
    metadata,
    opset,
    precision,
    externalData,
  });
  const written = await writeExport(out, files, options.force);
  const summary = {
    model: out,
    parameters,
    auxiliaryParameters,
    macs: cost.macs,
    nodes: model.nodes,
    sizeBytes: sizeOf(model),
    opset,
    ...(written.length > 1 ? { dataFile: written[0] } : {}),
    ...(precision === 'float32' ? {} : { precision, departure: await departureOf(bound, precision) }),
  };
  if (options.json === true) printJson(summary);
  else print(list(Object.entries(summary).map(([name, value]) => [name, inWords(value)])));
}

function sizeOf({ bytes, external }: LoweredModel): number {
  return external.reduce((sum, piece) => sum + piece.length, bytes.length);
}

/** The runtime is only loaded where something is to be measured with it. */
async function departureOf(bound: BoundGraph, precision: Precision): Promise<PrecisionDeparture> {
  return await (await import('../../deploy/precision-departure.js')).precisionDeparture(bound, precision);
}

function inWords(value: string | number | PrecisionDeparture | undefined): string {
  if (typeof value === 'number') return value.toLocaleString('en');
  if (typeof value !== 'object') return value ?? '';
  const { images, largestRelativeDifference, topOneAgreement } = value;
  return `${largestRelativeDifference.toExponential(2)} of the largest logit, top-1 agreement ${(100 * topOneAgreement).toFixed(1)} %, on ${images} random images against float32`;
}

function batchOption(text: string): number | string {
  return text === 'symbolic' ? 'batch' : wholeNumber('batch')(text);
}
