// `genonnx compile`: a genotype and weights, or a finished training, to an ONNX model.
import { basename, dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { PRECISIONS } from '../../../graphs/onnx/emitter.js';
import { OPTIMIZATIONS } from '../../deploy/optimize.js';
import { GenonnxError } from '../../errors.js';
import { type CompiledFiles, type CompileFilesOptions, compileFiles } from '../../library/compile.js';
import { didYouMean } from '../../nearest-name.js';
import { DEPLOYED_NAMES, type ImageNetwork, isOneCell, isSegmentation } from '../../networks/deployed.js';
import type { LanguageModel } from '../../networks/recurrent/inference.js';
import { addDataFacts, type DataFactOptions, labelsFrom } from '../data-facts.js';
import { departureText } from '../departure-text.js';
import { genotypeHelp, withGenotype } from '../genotype-argument.js';
import { imageSizes, languageOptions, segmentationOptions } from '../network-options.js';
import { oneOf, wholeNumber } from '../options.js';
import { list, print, printJson, say } from '../output.js';
import { requireNewFile } from '../output-file.js';
import { withTraining } from '../run-advice.js';
import { writeExport } from '../write-export.js';

interface CompileOptions
  extends DataFactOptions,
    Omit<
      CompileFilesOptions,
      'initChannels' | 'labels' | 'mean' | 'standardDeviation' | 'optimization' | 'fileName' | 'onNote'
    > {
  readonly channels?: number;
  readonly optimize?: CompileFilesOptions['optimization'];
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
  'outputStride',
  'asppWidth',
  'rates',
  'alignment',
  'backbone',
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
    'cifar, imagenet, deeplab: a class for each pixel, or recurrent: a language model (default: what the weights are of, or cifar; of a recurrent genotype recurrent)',
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
  segmentationOptions(command).option(
    '--backbone <file>',
    'weights of the ImageNet network, for deeplab without weights of its own: its head is then random',
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
  genonnx compile --genotype DATA_M7 --network deeplab --weights voc.safetensors --out voc.onnx
  genonnx compile --genotype genotypes.py:DATA --weights model.pt --out data.onnx
  genonnx compile --genotype DARTS_V2 --optimize cpu --out fast.onnx
  genonnx compile --genotype DARTS_V2_RNN --weights lm.pt --vocabulary words.txt --out lm.onnx
  genonnx compile --run runs/child --batch 1 --opset 21 --out child.onnx`,
    )
    .action(compileTo);
}

async function compileTo(asked: CompileOptions): Promise<void> {
  const { out, force, json, channels, std, optimize, labels, ...options } = asked;
  requireNewFile(out, force);
  const compiled = await withAdvice(options, async () =>
    compileFiles({
      ...options,
      initChannels: channels,
      standardDeviation: std,
      optimization: optimize,
      labels: labels === undefined ? undefined : await labelsFrom(labels),
      fileName: basename(out),
      onNote: (text) => say(`note: ${text}`),
    }),
  );
  await writeExport(out, compiled.files, force);
  const beside = Object.entries(compiled.beside).map(
    ([what, name]) => [what, join(dirname(out), name)] as const,
  );
  if (json === true) {
    const { network, weights, figures, precision, departure } = compiled;
    printJson({
      model: out,
      ...Object.fromEntries(beside),
      network: sizesOf(network),
      weights,
      ...figures,
      ...(departure === undefined ? {} : { precision, departure }),
    });
  } else {
    print(list([['model', out], ...beside, ...inText(compiled, weightsText(options))]));
  }
}

/** What was found of a run or a genotype is gone on with by a command. */
function withAdvice<T>({ run, genotype }: CompileFilesOptions, act: () => Promise<T>): Promise<T> {
  if (run !== undefined) return withTraining(run, act);
  return genotype === undefined ? act() : withGenotype(genotype, act);
}

function weightsText({ weights, run, backbone, seed }: CompileFilesOptions): string {
  const learned = weights ?? run;
  if (learned !== undefined) return learned;
  return backbone === undefined
    ? `random, from seed ${seed}: it has learned nothing`
    : `backbone ${backbone}; head random, from seed ${seed}: it has learned nothing`;
}

function sizesOf({ genotype: _, ...sizes }: CompiledFiles['network']): object {
  if (!('form' in sizes)) return sizes;
  const { form: __, ...others } = sizes;
  return others;
}

function inText(
  { figures, precision, departure, ...compiled }: CompiledFiles,
  weights: string,
): [string, string][] {
  const isLanguage = compiled.kind === 'recurrent';
  return [
    ['network', isLanguage ? languageText(compiled.network) : imageText(compiled.network)],
    ['weights', weights],
    ...Object.entries(figures).map(([name, value]): [string, string] => [name, value.toLocaleString('en')]),
    ...(departure === undefined
      ? []
      : ([
          ['precision', precision],
          ['departure', departureText(departure, isLanguage ? 'random words' : 'random images')],
        ] satisfies [string, string][])),
  ];
}

function imageText(network: ImageNetwork): string {
  const { name, cells, initChannels, classes, image } = network;
  const parts = [
    name,
    `${cells} cells`,
    `${initChannels} channels`,
    `${classes} classes`,
    `images ${image.height}x${image.width}x${image.channels}`,
  ];
  if (isOneCell(network)) return [...parts, `${network.stages} stages`].join(', ');
  if (!isSegmentation(network))
    return [...parts, ...(network.auxiliary ? ['auxiliary head'] : [])].join(', ');
  const { outputStride, asppWidth, rates, alignment } = network;
  const head = [`output stride ${outputStride}`, `width ${asppWidth}`, `rates ${rates.join(' ')}`, alignment];
  return [...parts, ...head].join(', ');
}

function languageText({ words, width, combination, genotype }: LanguageModel): string {
  const { nodes } = genotype.recurrent;
  const joined = nodes.some((node) => node.length > 1) ? [`${combination} of a node's operations`] : [];
  return ['recurrent', `${nodes.length} nodes`, `width ${width}`, `${words} words`, ...joined].join(', ');
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
