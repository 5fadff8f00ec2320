// `genonnx derive`: a genotype from saved alphas.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { decodeSafetensors } from '../../../graphs/safetensors.js';
import { GenonnxError } from '../../errors.js';
import type { AlphasFile } from '../../estimators/alphas-file.js';
import { type AnyAlphas, anyAlphasFromTensors, parseAnyAlphas } from '../../estimators/alphas-kinds.js';
import { type DerivationRule, deriveGenotype } from '../../estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../estimators/derive-darts.js';
import type { Parameterisation, Scope } from '../../estimators/estimator.js';
import type { MethodName } from '../../estimators/methods.js';
import { alphasFile } from '../../search/search-run.js';
import type { Genotype } from '../../spaces/genotype.js';
import type { AnyGenotype } from '../../spaces/kinds.js';
import { printAnyGenotype, toJson } from '../../spaces/print.js';
import type { Operation } from '../../spaces/search-space.js';
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
      'data: the mode of the code distribution; darts: the strongest edges of a node, two in convolutional cells, one in recurrent ones; gdas: as many of its strongest operations; by default that of the method which the file names, else data',
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
      const found = derived(await readAlphas(path), by, explicit);
      if (json === true) printJson(toJson(found.genotype));
      else print(printAnyGenotype(found));
    });
}

type Explicit = Partial<DerivationRule>;

function derived(found: AnyAlphas, by: Rule | undefined, explicit: Explicit): AnyGenotype {
  return found.kind === 'recurrent'
    ? { kind: found.kind, genotype: derive(found.file, by, explicit) }
    : { kind: found.kind, genotype: derive(found.file, by, explicit) };
}

/** By the rule that is asked for, else by that of the method which made the alphas. */
function derive<Name extends string, Primitive extends string>(
  { space, alphas, rule, method }: AlphasFile<Name, Primitive>,
  by: Rule = ruleOf(method),
  explicit: Explicit,
): Genotype<Name, Operation<Primitive>> {
  const reading = { ...defaults, ...rule, ...explicit };
  if (by === 'data') return deriveGenotype(alphas, space, reading);
  const strongest = by === 'darts' ? deriveByStrongestEdges : deriveByStrongestOperations;
  return strongest(alphas, space, reading.parameterisation);
}

/** The rule of the method that made the alphas. */
function ruleOf(method: MethodName | undefined): Rule {
  if (method === 'darts' || method === 'darts-2nd') return 'darts';
  return method === 'gdas' ? 'gdas' : 'data';
}

/** The rules of the strongest know neither samples nor scopes. @throws GenonnxError `usage`. */
function requireRuleOptions(rule: Rule | undefined, { samples, scope }: Partial<DeriveOptions>): void {
  if (rule === undefined || rule === 'data' || (samples === undefined && scope === undefined)) return;
  const option = samples === undefined ? 'scope' : 'samples';
  throw new GenonnxError('usage', `--${option} means nothing to this rule.`, {
    cure: `Leave --${option} out, or pass --rule data.`,
  });
}

async function readAlphas(path: string): Promise<AnyAlphas> {
  const { bytes, source } = await alphasBytes(path);
  return source.endsWith('.safetensors')
    ? anyAlphasFromTensors(decodeSafetensors(bytes, source), source)
    : parseAnyAlphas(new TextDecoder().decode(bytes), source);
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
