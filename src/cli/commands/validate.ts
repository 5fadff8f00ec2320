// `genonnx validate`: does a model compute what its network means?
import process from 'node:process';
import type { Command } from 'commander';
import { namedWeights } from '../../deploy/named-weights.js';
import { type BatchComparison, validateModel } from '../../deploy/validate.js';
import { batchSizes, oneOf, wholeNumber } from '../options.js';
import { print, printJson, table } from '../output.js';

interface ValidateOptions {
  readonly batch: readonly number[];
  readonly seed: number;
  readonly weights?: string;
  readonly json?: boolean;
}

export function registerValidate(program: Command): void {
  program
    .command('validate')
    .description(
      'compare a model in onnxruntime-node with the float64 interpreter; exit code 1 where they differ',
    )
    .argument('<model>', 'an ONNX file that genonnx compiled')
    .option('--against <what>', 'interpreter', oneOf('against', ['interpreter']), 'interpreter')
    .option('--batch <sizes>', 'batch sizes, separated by commas', batchSizes, [1, 2])
    .option('--seed <n>', 'seed of the images', wholeNumber('seed', 0), 1)
    .option('--weights <file>', 'safetensors with the weights that the model should have')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx validate runs/child/model.onnx\n  genonnx validate runs/child/model.onnx --weights runs/child/weights.safetensors --batch 1,3',
    )
    .action(async (model: string, { batch, seed, weights, json }: ValidateOptions) => {
      const reference = weights === undefined ? {} : { weights: await namedWeights(weights) };
      const validation = await validateModel({ model, batches: batch, seed, ...reference });
      if (json === true) printJson(validation);
      else print(`${comparisonTable(validation.comparisons)}\n\n${validation.summary}`);
      if (!validation.ok) process.exitCode = 1;
    });
}

function comparisonTable(comparisons: readonly BatchComparison[]): string {
  return table([
    ['output', 'batch', 'largest difference', 'of the tolerance', 'top-1 agreement'],
    ...comparisons.map(({ output, batch, largestDifference, ofTolerance, topOneAgreement }) => [
      output,
      String(batch),
      largestDifference.toExponential(2),
      `${(ofTolerance * 100).toFixed(2)} %`,
      `${(topOneAgreement * 100).toFixed(1)} %`,
    ]),
  ]);
}
