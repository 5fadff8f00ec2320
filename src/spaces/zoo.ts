// Genotypes that are known by name: the convolutional ones, then the recurrent ones.
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { type AnyGenotype, wrongKindError } from './kinds.js';
import { CONVOLUTIONAL_ZOO } from './zoo-convolutional.js';
import { RECURRENT_ZOO } from './zoo-recurrent.js';

/** A published genotype, of either kind. */
export type ZooEntry = Exclude<AnyGenotype, { readonly kind: 'one-cell' }> & {
  readonly name: string;
  /** Paper, and where code spells the genotype out. */
  readonly source: string;
  readonly note?: string;
};

/** A published genotype of image networks. */
export type ConvolutionalZooEntry = Extract<ZooEntry, { kind: 'convolutional' }>;

/** A published genotype of language models. */
export type RecurrentZooEntry = Extract<ZooEntry, { kind: 'recurrent' }>;

/** The genotypes that are known by name, of both kinds. */
export const ZOO: readonly ZooEntry[] = [...CONVOLUTIONAL_ZOO, ...RECURRENT_ZOO];

/**
 * The convolutional entry of that name, upper or lower case.
 * @throws `usage` for a name that the zoo does not know, `genotype-kind` for that of a recurrent genotype.
 */
export function zooEntry(name: string): ConvolutionalZooEntry {
  const entry = anyZooEntry(name);
  if (entry.kind === 'convolutional') return entry;
  throw wrongKindError(entry.kind, 'convolutional', entry.name);
}

/** The recurrent entry of that name. @throws as `zooEntry`, `genotype-kind` for the name of a convolutional genotype. */
export function recurrentZooEntry(name: string): RecurrentZooEntry {
  const entry = anyZooEntry(name);
  if (entry.kind === 'recurrent') return entry;
  throw wrongKindError(entry.kind, 'recurrent', entry.name);
}

/** The entry of that name, of whichever kind. @throws `usage` for a name that the zoo does not know. */
export function anyZooEntry(name: string): ZooEntry {
  const entry = findZooEntry(name);
  if (entry !== undefined) return entry;
  const names = ZOO.map((known) => known.name);
  throw new GenonnxError('usage', 'The zoo has no genotype of this name.', {
    expected: names.join(', '),
    found: JSON.stringify(name.slice(0, 60)),
    cure: didYouMean(name, names, 'Name one of these, or give the genotype as text or as a file.'),
  });
}

/** The entry of that name, if there is one. */
export function findZooEntry(name: string): ZooEntry | undefined {
  return ZOO.find((known) => known.name === name.toUpperCase());
}
