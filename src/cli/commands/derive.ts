// `genonnx derive`: a genotype from saved alphas.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { decodeSafetensors } from '../../../graphs/safetensors.js';
import { GenonnxError } from '../../errors.js';
import { type AlphasFile, alphasFromTensors, parseAlphasFile } from '../../estimators/alphas-file.js';
import { type DerivationRule, deriveGenotype } from '../../estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../estimators/derive-darts.js';
import type { Parameterisation, Scope } from '../../estimators/estimator.js';
import type { MethodName } from '../../estimators/methods.js';
import { alphasFile } from '../../search/search-run.js';
import {
  CONVOLUTIONAL_FORM,
  type ConvolutionalCell,
  type ConvolutionalGenotype,
  type ConvolutionalPrimitive,
  type ConvolutionalSpace,
  DARTS_SPACE,
} from '../../spaces/convolutional.js';
import { printGenotype, toJson } from '../../spaces/print.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson } from '../output.js';

const RULES = ['data', 'darts', 'gdas'] as const;
type Rule = (typeof RULES)[number];

const defaults = { samples: 4, scope: 'node', parameterisation: 'softmax' } as const;

interface DeriveOptions {
  readonly samples?: number;
  readonly scope?: Scope;
  readonly parameterisation?: Parameterisation;
  readonly rule?: Rule;
  readonly json?: boolean;
}

export function registerDerive(program: Command): void {
  program
    .command('derive')
    .description('derive a genotype from alphas')
    .argument('<alphas>', 'an alphas file (JSON or safetensors), or the folder of a search')
    .option(
      '--rule <rule>',
      'data: the mode of the code distribution; darts: the two strongest edges of a node; gdas: its two strongest operations; by default that of the method which the file names, else data',
      oneOf('rule', RULES),
    )
    .option('--samples <M>', 'samples M; else what the file says, else 4', wholeNumber('samples'))
    .option('--scope <scope>', 'edge or node', oneOf('scope', ['edge', 'node']))
    .option('--parameterisation <p>', 'softmax or relu', oneOf('parameterisation', ['softmax', 'relu']))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx derive runs/search\n  genonnx derive alphas.json --samples 7 --scope edge\n  genonnx derive alphas.safetensors --rule darts',
    )
    .action(async (path: string, { json, rule: by, ...explicit }: DeriveOptions) => {
      requireRuleOptions(by, explicit);
      const { space, alphas, rule, method } = await readAlphas(path);
      const reading = { ...defaults, ...rule, ...explicit };
      const genotype = deriveBy(by ?? ruleOf(method))(alphas, space, reading);
      if (json === true) printJson(toJson(genotype));
      else print(printGenotype(genotype));
    });
}

/** The rule of the method that made the alphas. */
function ruleOf(method: MethodName | undefined): Rule {
  if (method === 'darts' || method === 'darts-2nd') return 'darts';
  return method === 'gdas' ? 'gdas' : 'data';
}

type Derivation = (
  alphas: Float64Array,
  space: ConvolutionalSpace,
  rule: DerivationRule,
) => ConvolutionalGenotype;

function deriveBy(rule: Rule): Derivation {
  if (rule === 'data') return deriveGenotype;
  const strongest = rule === 'darts' ? deriveByStrongestEdges : deriveByStrongestOperations;
  return (alphas, space, { parameterisation }) => strongest(alphas, space, parameterisation);
}

/** The rules of two operations a node know neither samples nor scopes. @throws GenonnxError `usage`. */
function requireRuleOptions(rule: Rule | undefined, { samples, scope }: Partial<DeriveOptions>): void {
  if (rule === undefined || rule === 'data' || (samples === undefined && scope === undefined)) return;
  const option = samples === undefined ? 'scope' : 'samples';
  throw new GenonnxError('usage', `--${option} means nothing to this rule.`, {
    cure: `Leave --${option} out, or pass --rule data.`,
  });
}

async function readAlphas(path: string): Promise<AlphasFile<ConvolutionalCell, ConvolutionalPrimitive>> {
  const { bytes, source } = await alphasBytes(path);
  const reading = { where: source, defaults: DARTS_SPACE };
  return source.endsWith('.safetensors')
    ? alphasFromTensors(CONVOLUTIONAL_FORM, decodeSafetensors(bytes, source), reading)
    : parseAlphasFile(CONVOLUTIONAL_FORM, new TextDecoder().decode(bytes), reading);
}

async function alphasBytes(path: string): Promise<{ bytes: Uint8Array; source: string }> {
  try {
    const source = (await stat(path)).isDirectory() ? join(path, alphasFile) : path;
    return { bytes: await readFile(source), source };
  } catch (error) {
    throw new GenonnxError('file-missing', 'The alphas cannot be read.', {
      where: path,
      found: error instanceof Error ? error.message : String(error),
      cure: `Name an alphas file, or the folder of a finished search (it holds ${alphasFile}).`,
    });
  }
}
