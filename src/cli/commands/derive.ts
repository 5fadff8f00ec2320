// `genonnx derive`: a genotype from saved alphas.
import type { Command } from 'commander';
import { DERIVATION_NAMES, type DeriveOptions, derive } from '../../estimators/derive-alphas.js';
import { readAlphas } from '../../library/alphas.js';
import { printAnyGenotype, toJson } from '../../spaces/print.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';

export function registerDerive(program: Command): void {
  program
    .command('derive')
    .description('derive a genotype from alphas')
    .argument('<alphas>', 'an alphas file (JSON or safetensors), or the folder of a search')
    .option(
      '--rule <rule>',
      'data: the mode of the code distribution; darts: the strongest edges of a node, two in convolutional cells, one in recurrent ones; gdas: as many of its strongest operations; by default that of the method which the file names, else data',
      oneOf('rule', DERIVATION_NAMES),
    )
    .option('--samples <M>', 'samples M; else what the file says, else 4', wholeNumber('samples'))
    .option('--scope <scope>', 'edge or node', oneOf('scope', ['edge', 'node']))
    .option(
      '--operations <k>',
      'operations of each edge that the rule darts keeps (default 1)',
      wholeNumber('operations'),
    )
    .option('--parameterisation <p>', 'softmax or relu', oneOf('parameterisation', ['softmax', 'relu']))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx derive runs/search\n  genonnx derive alphas.json --samples 7 --scope edge\n  genonnx derive alphas.safetensors --rule darts',
    )
    .action(async (path: string, { json, ...options }: DeriveOptions & { readonly json?: boolean }) => {
      const found = derive(await readAlphas(path), options);
      if (json === true) printJson(toJson(found.genotype));
      else print(printAnyGenotype(found));
    });
}
