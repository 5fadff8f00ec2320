// Reads genotypes from text. Accepted are DARTS's form, a flat list with as many (operation, input) pairs a node as a node
// keeps (two in convolutional cells, one in recurrent ones); DATA's, one list a node of any length; either as Python,
// `Genotype(normal=[...], normal_concat=range(2, 6), ...)` or `Genotype(recurrent=[...], concat=range(1, 9))`, or as JSON with
// the same fields; and Python files that assign several of them to names.
import type { ConvolutionalGenotype } from './convolutional.js';
import { fieldNames } from './fields.js';
import { findGenotype, type ParseOptions } from './find-genotype.js';
import type { Genotype } from './genotype.js';
import {
  type AnyGenotype,
  GENOTYPE_FORMS,
  GENOTYPE_KINDS,
  type GenotypeKind,
  kindOfRecord,
  namedKind,
  wrongKindAt,
} from './kinds.js';
import type { RecordLiteral } from './literals.js';
import { readGenotype } from './read-genotype.js';
import type { RecurrentGenotype } from './recurrent.js';
import type { Operation, SpaceForm } from './search-space.js';

/**
 * The convolutional genotype in `text`, the one that is assigned to `name` where there are several.
 * @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`, `genotype-kind` for a recurrent genotype, each with line
 * and column; `usage` where the text holds several and `name` does not choose one.
 */
export function parseGenotype(text: string, options: ParseOptions = {}): ConvolutionalGenotype {
  const record = findOfKind(text, 'convolutional', options);
  return readGenotype(record, GENOTYPE_FORMS.convolutional, options.source);
}

/** The recurrent genotype in `text`. @throws as `parseGenotype`, `genotype-kind` for a convolutional one. */
export function parseRecurrentGenotype(text: string, options: ParseOptions = {}): RecurrentGenotype {
  const record = findOfKind(text, 'recurrent', options);
  return readGenotype(record, GENOTYPE_FORMS.recurrent, options.source);
}

/** The genotype in `text`, of the kind that its fields say. @throws as `parseGenotype`; fields of no one kind are `genotype-syntax`. */
export function parseAnyGenotype(text: string, options: ParseOptions = {}): AnyGenotype {
  const { source } = options;
  const expected = GENOTYPE_KINDS.map((kind) => exampleOf(GENOTYPE_FORMS[kind])).join(' or ');
  const record = findGenotype(text, expected, options);
  const kind = kindOfRecord(record, source);
  switch (kind) {
    case 'convolutional':
      return { kind, genotype: readGenotype(record, GENOTYPE_FORMS[kind], source) };
    case 'recurrent':
      return { kind, genotype: readGenotype(record, GENOTYPE_FORMS[kind], source) };
    case 'one-cell':
      return { kind, genotype: readGenotype(record, GENOTYPE_FORMS[kind], source) };
  }
}

/** The genotype of whatever space; of how many nodes does not matter. @throws as `parseGenotype`, `genotype-kind` excepted. */
export function parseGenotypeOf<Name extends string, Primitive extends string>(
  form: SpaceForm<Name, Primitive>,
  text: string,
  options: ParseOptions = {},
): Genotype<Name, Operation<Primitive>> {
  return readGenotype(findGenotype(text, exampleOf(form), options), form, options.source);
}

/** The record of a genotype that is not clearly of another kind. */
function findOfKind(text: string, kind: GenotypeKind, options: ParseOptions): RecordLiteral {
  const record = findGenotype(text, exampleOf(GENOTYPE_FORMS[kind]), options);
  const found = namedKind(record);
  if (found !== undefined && found !== kind) throw wrongKindAt(record, found, kind, options.source);
  return record;
}

function exampleOf(form: SpaceForm): string {
  return `Genotype(${fieldNames(form)
    .map((field) => `${field}=[...]`)
    .join(', ')})`;
}
