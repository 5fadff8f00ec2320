// `genonnx compile`: a genotype and weights to an ONNX model.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { compileModel, inferenceGraph, matchWeights, metadataOf } from '../../deploy/model.js';
import { namedWeights } from '../../deploy/named-weights.js';
import { GenonnxError } from '../../errors.js';
import { freshWeights } from '../../networks/initial-state.js';
import { openStream } from '../../random.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { genotypeFrom } from '../genotype-argument.js';
import { type ImageShape, imageShape, oneOf, wholeNumber } from '../options.js';
import { print, printJson, table } from '../output.js';
import { version } from '../version.js';

interface CompileOptions {
  readonly genotype: string;
  readonly cells: number;
  readonly channels: number;
  readonly classes: number;
  readonly image: ImageShape;
  readonly auxiliary?: boolean;
  readonly weights?: string;
  readonly seed: number;
  readonly batch: number | string;
  readonly opset: number;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function registerCompile(program: Command): void {
  program
    .command('compile')
    .description('compile a genotype to an ONNX model')
    .requiredOption('--genotype <file|name|text>', 'the genotype')
    .requiredOption('--out <file>', 'where the model goes')
    .option('--network <name>', 'cifar', oneOf('network', ['cifar']), 'cifar')
    .option('--cells <n>', 'cells', wholeNumber('cells'), 20)
    .option('--channels <n>', 'initial channels', wholeNumber('channels'), 36)
    .option('--classes <n>', 'classes', wholeNumber('classes'), 10)
    .option('--image <HxWxC>', 'image size', imageShape, imageShape('32x32x3'))
    .option('--auxiliary', 'with the auxiliary head and its output')
    .option('--weights <file>', "safetensors with PyTorch's names, or this tool's")
    .option('--seed <n>', 'seed of fresh weights, where none are given', wholeNumber('seed', 0), 1)
    .option('--batch <n|symbolic>', 'batch size, or left open', batchOption, 'batch')
    .option('--opset <n>', 'ONNX opset, 17 to 21', opsetOption, 17)
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  genonnx compile --genotype DARTS_V2 --channels 36 --cells 20 --classes 10 --out darts.onnx
  genonnx compile --genotype runs/search/genotype.json --channels 16 --cells 5 --image 28x28x1 --weights w.safetensors --out m.onnx`,
    )
    .action(compile);
}

async function compile(options: CompileOptions): Promise<void> {
  const { out, cells, channels, classes, image, auxiliary = false, batch, opset, seed } = options;
  if (existsSync(out) && options.force !== true) {
    throw new GenonnxError('output-exists', 'The output file exists already.', {
      where: out,
      cure: 'Choose another name, or pass --force.',
    });
  }
  const network = {
    genotype: await genotypeFrom(options.genotype),
    cells,
    initChannels: channels,
    classes,
    image,
    auxiliary,
    batch,
  };
  const inference = inferenceGraph(network);
  const { weights, cost, parameters, auxiliaryParameters } = inference;
  const data =
    options.weights === undefined
      ? freshWeights(weights, openStream(seed, 'weights'))
      : matchWeights(weights, await namedWeights(options.weights));
  const metadata = metadataOf({
    network,
    toolVersion: version,
    cost: { parameters, macs: cost.macs },
    ...(options.weights === undefined ? { seed } : {}),
  });
  const model = compileModel(inference, data, { metadata, opset });
  await writeFileAtomic(out, model.bytes);
  const summary = {
    model: out,
    parameters,
    auxiliaryParameters,
    macs: cost.macs,
    nodes: model.nodes,
    sizeBytes: model.bytes.length,
    opset,
  };
  if (options.json === true) printJson(summary);
  else
    print(
      table(
        Object.entries(summary).map(([name, value]) => [
          name,
          typeof value === 'number' ? value.toLocaleString('en') : value,
        ]),
      ),
    );
}

function batchOption(text: string): number | string {
  return text === 'symbolic' ? 'batch' : wholeNumber('batch')(text);
}

function opsetOption(text: string): number {
  const opset = wholeNumber('opset', 17)(text);
  if (opset <= 21) return opset;
  throw new GenonnxError('usage', '--opset is too new.', { expected: '17 to 21', found: text });
}
