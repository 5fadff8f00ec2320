// `genonnx derive`: a genotype from saved alphas.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import type { Parameterisation, Scope } from '../../estimators/estimator.js';
import { parseAlphasFile } from '../../genotype/alphas-file.js';
import { deriveGenotype } from '../../genotype/derive.js';
import { printGenotype, toJson } from '../../genotype/print.js';
import { alphasFile } from '../../search/search-run.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';

interface DeriveOptions {
  readonly samples?: number;
  readonly scope?: Scope;
  readonly parameterisation?: Parameterisation;
  readonly json?: boolean;
}

export function registerDerive(program: Command): void {
  program
    .command('derive')
    .description('derive a genotype from alphas: the mode of the code distribution')
    .argument('<alphas>', 'an alphas file, or the folder of a search')
    .option('--samples <M>', 'samples M; else what the file says, else 4', wholeNumber('samples'))
    .option('--scope <scope>', 'edge or node', oneOf('scope', ['edge', 'node']))
    .option('--parameterisation <p>', 'softmax or relu', oneOf('parameterisation', ['softmax', 'relu']))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx derive runs/search\n  genonnx derive alphas.json --samples 7 --scope edge',
    )
    .action(async (path: string, { json, ...explicit }: DeriveOptions) => {
      const { text, source } = await alphasText(path);
      const { space, alphas, rule } = parseAlphasFile(text, source);
      const defaults = { samples: 4, scope: 'node', parameterisation: 'softmax' } as const;
      const genotype = deriveGenotype(alphas, space, { ...defaults, ...rule, ...explicit });
      if (json === true) printJson(toJson(genotype));
      else print(printGenotype(genotype));
    });
}

async function alphasText(path: string): Promise<{ text: string; source: string }> {
  try {
    const source = (await stat(path)).isDirectory() ? join(path, alphasFile) : path;
    return { text: await readFile(source, 'utf8'), source };
  } catch (error) {
    throw new GenonnxError('file-missing', 'The alphas cannot be read.', {
      where: path,
      found: error instanceof Error ? error.message : String(error),
      cure: `Name an alphas file, or the folder of a finished search (it holds ${alphasFile}).`,
    });
  }
}
