// `genonnx compile`: a genotype and weights, or a finished training, to an ONNX model.
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { toOnnx } from '../../../exporters/onnx.js';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { PRECISIONS, type Precision } from '../../../graphs/onnx/emitter.js';
import { sizeBytes } from '../../../graphs/onnx/lower.js';
import { compile } from '../../deploy/compile.js';
import { OPTIMIZATIONS, type Optimization } from '../../deploy/optimize.js';
import type { PrecisionDeparture } from '../../deploy/precision-departure.js';
import { withoutScores } from '../../deploy/trained-model.js';
import { GenonnxError } from '../../errors.js';
import { didYouMean } from '../../nearest-name.js';
import { DEPLOYED_NAMES } from '../../networks/deployed.js';
import type { InferenceNetwork } from '../../networks/inference.js';
import { version } from '../../version.js';
import { compileLanguageTo } from '../compile-language.js';
import { type CompileSource, compileSource, type SourceOptions } from '../compile-source.js';
import { addDataFacts } from '../data-facts.js';
import { departureText } from '../departure-text.js';
import { genotypeHelp } from '../genotype-argument.js';
import { imageSizes, languageOptions } from '../network-options.js';
import { oneOf, wholeNumber } from '../options.js';
import { list, print, printJson } from '../output.js';
import { requireNewFile } from '../output-file.js';
import { writeExport } from '../write-export.js';

type ImageRequest = Extract<CompileSource, { kind: 'convolutional' }>['request'];

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
  'width',
  'words',
  'combination',
  'vocabulary',
];

export function registerCompile(program: Command): void {
  const command = program
    .command('compile')
    .description('compile a genotype and its weights to an ONNX model')
    .option('--genotype <name|file|folder|text>', `the genotype: ${genotypeHelp}`)
    .addOption(
      new Option('--run <folder>', 'a finished training, instead of genotype, sizes and weights').conflicts(
        settledByRun,
      ),
    )
    .requiredOption('--out <file>', 'where the model goes');
  command.option(
    '--network <name>',
    'cifar, imagenet, or recurrent: a language model (default: cifar, of a recurrent genotype recurrent)',
    oneOf('network', DEPLOYED_NAMES),
  );
  imageSizes(command)
    .option('--auxiliary', 'with the auxiliary head and its output (default: what the weights have)')
    .option('--no-auxiliary', 'without it, whatever the weights have')
    .option(
      '--weights <file>',
      "a state dict with PyTorch's names, safetensors or .pt: sizes that are not given follow from it; random weights without",
    )
    .addOption(
      new Option('--seed <n>', 'seed of fresh weights')
        .argParser(wholeNumber('seed', 0))
        .default(1)
        .conflicts('weights'),
    );
  addDataFacts(command, 'kept in the model for whoever shows its answers');
  languageOptions(command)
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
  genonnx compile --genotype genotypes.py:DATA --weights model.pt --out data.onnx
  genonnx compile --genotype DARTS_V2 --optimize cpu --out fast.onnx
  genonnx compile --genotype DARTS_V2_RNN --weights lm.pt --vocabulary words.txt --out lm.onnx
  genonnx compile --run runs/child --batch 1 --opset 21 --out child.onnx`,
    )
    .action(compileTo);
}

async function compileTo(options: CompileOptions): Promise<void> {
  requireNewFile(options.out, options.force);
  const source = await compileSource(options);
  if (source.kind === 'recurrent') await compileLanguageTo(source.request, options);
  else await compileImagesTo(source.request, options);
}

async function compileImagesTo(source: ImageRequest, options: CompileOptions): Promise<void> {
  const { out, opset, precision, foldBatchNorm: fold = false, externalData } = options;
  const { metadata: origin = {}, weights } = source;
  const compiled = compile({
    ...source,
    optimization: options.optimize ?? (fold ? 'fold' : 'none'),
    precision,
    metadata: precision === 'float32' ? origin : withoutScores(origin),
    toolVersion: version,
  });
  const { network, bound, metadata, parameters, auxiliaryParameters, macs } = compiled;
  const { files, model } = toOnnx(bound, {
    fileName: basename(out),
    metadata,
    opset,
    precision,
    externalData,
  });
  const written = await writeExport(out, files, options.force);
  const departure = precision === 'float32' ? undefined : await departureOf(bound, precision);
  const { genotype: _, ...sizes } = network;
  const figures = {
    parameters,
    auxiliaryParameters,
    macs,
    nodes: model.nodes,
    sizeBytes: sizeBytes(model),
    opset,
  };
  const [dataFile] = written.length > 1 ? written : [];
  if (options.json === true) {
    printJson({
      model: out,
      network: sizes,
      weights: weights === undefined ? 'random' : 'given',
      ...figures,
      ...(dataFile === undefined ? {} : { dataFile }),
      ...(departure === undefined ? {} : { precision, departure }),
    });
    return;
  }
  const fromSeed = `random, from seed ${options.seed}: it has learned nothing`;
  print(
    list([
      ['model', out],
      ['network', networkText(network)],
      ['weights', options.weights ?? options.run ?? fromSeed],
      ...Object.entries(figures).map(([name, value]) => [name, value.toLocaleString('en')] as const),
      ...(dataFile === undefined ? [] : [['dataFile', dataFile] as const]),
      ...(departure === undefined
        ? []
        : ([
            ['precision', precision],
            ['departure', departureText(departure, 'random images')],
          ] as const)),
    ]),
  );
}

function networkText({ name, cells, initChannels, classes, image, auxiliary }: InferenceNetwork): string {
  const parts = [
    name,
    `${cells} cells`,
    `${initChannels} channels`,
    `${classes} classes`,
    `images ${image.height}x${image.width}x${image.channels}`,
    ...(auxiliary ? ['auxiliary head'] : []),
  ];
  return parts.join(', ');
}

/** The runtime is only loaded where something is to be measured with it. */
async function departureOf(bound: BoundGraph, precision: Precision): Promise<PrecisionDeparture> {
  return await (await import('../../deploy/precision-departure.js')).precisionDeparture(bound, precision);
}

function batchOption(text: string): number | string {
  if (text === 'symbolic') return 'batch';
  if (/^\d+$/.test(text)) return wholeNumber('batch')(text);
  throw new GenonnxError('usage', '--batch takes a whole number, or the word symbolic.', {
    expected: 'a whole number of at least 1, or symbolic: left open',
    found: text,
    cure: didYouMean(text, ['symbolic'], 'Pass for example --batch 1.'),
  });
}
