// `derive()`: the genotype that saved alphas stand for, by the rule of whichever method.
import { GenonnxError } from '../errors.js';
import type { Genotype } from '../spaces/genotype.js';
import type { AnyGenotype } from '../spaces/kinds.js';
import type { Operation } from '../spaces/search-space.js';
import type { AlphasFile } from './alphas-file.js';
import type { AnyAlphas } from './alphas-kinds.js';
import { type DerivationRule, deriveGenotype } from './derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from './derive-darts.js';
import type { MethodName } from './methods.js';

/**
 * `data`: the mode of the code distribution (DATA, Eq. 7); `darts`: the strongest edges of a node, two in convolutional
 * cells, one in recurrent ones; `gdas`: as many of its strongest operations.
 */
export const DERIVATION_NAMES = ['data', 'darts', 'gdas'] as const;
/** The name of a rule by which genotypes are derived. */
export type DerivationName = (typeof DERIVATION_NAMES)[number];

/** What is not said follows from the alphas' file, or else from the defaults of DATA. */
export interface DeriveOptions extends Partial<DerivationRule> {
  /** Default: the rule of the method that made the alphas, or else `data`. */
  readonly rule?: DerivationName | undefined;
  /** Operations of each edge that the rule `darts` keeps. Default: 1. */
  readonly operations?: number | undefined;
}

const defaults = { samples: 4, scope: 'node', parameterisation: 'softmax' } as const;

/** The genotype of alphas, as `parseAnyAlphas` reads them. @throws GenonnxError `usage` for options that the rule does not have. */
export function derive(alphas: AnyAlphas, options: DeriveOptions = {}): AnyGenotype {
  requireMeaning(options);
  switch (alphas.kind) {
    case 'convolutional':
      return { kind: alphas.kind, genotype: derived(alphas.file, options) };
    case 'recurrent':
      return { kind: alphas.kind, genotype: derived(alphas.file, options) };
    case 'one-cell':
      return { kind: alphas.kind, genotype: derived(alphas.file, options) };
  }
}

function derived<Name extends string, Primitive extends string>(
  { space, alphas, rule, method }: AlphasFile<Name, Primitive>,
  { rule: by = ruleOf(method), operations, ...explicit }: DeriveOptions,
): Genotype<Name, Operation<Primitive>> {
  const reading = { ...defaults, ...rule, ...explicit };
  if (by === 'darts') return deriveByStrongestEdges(alphas, space, reading.parameterisation, operations);
  if (operations !== undefined) throw meaningless('operations', 'darts');
  if (by === 'data') return deriveGenotype(alphas, space, reading);
  return deriveByStrongestOperations(alphas, space, reading.parameterisation);
}

/** The rule of the method that made the alphas. */
function ruleOf(method: MethodName | undefined): DerivationName {
  if (method === 'darts' || method === 'darts-2nd') return 'darts';
  return method === 'gdas' ? 'gdas' : 'data';
}

/** The rules of the strongest know neither samples nor scopes. */
function requireMeaning({ rule, samples, scope }: DeriveOptions): void {
  if (rule === undefined || rule === 'data' || (samples === undefined && scope === undefined)) return;
  throw meaningless(samples === undefined ? 'scope' : 'samples', 'data');
}

function meaningless(option: string, rule: DerivationName): GenonnxError {
  return new GenonnxError('usage', `\`${option}\` means nothing to this rule.`, {
    cure: `Leave \`${option}\` out, or derive by \`rule\` ${rule}.`,
  });
}
