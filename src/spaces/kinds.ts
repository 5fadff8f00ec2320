// The kinds of genotypes that networks here are made of, and how a genotype whose kind is not known beforehand shows it: by its
// fields.
import { type ErrorDetails, GenonnxError } from '../errors.js';
import { CONVOLUTIONAL_FORM, type ConvolutionalGenotype } from './convolutional.js';
import { fieldNames } from './fields.js';
import type { RecordLiteral } from './literals.js';
import { ONE_CELL_FORM, type OneCellGenotype } from './one-cell.js';
import { RECURRENT_FORM, type RecurrentGenotype } from './recurrent.js';
import { errorAt } from './syntax-error.js';

/** What all genotypes of a kind have in common. */
export const GENOTYPE_FORMS = {
  convolutional: CONVOLUTIONAL_FORM,
  recurrent: RECURRENT_FORM,
  'one-cell': ONE_CELL_FORM,
} as const;

export const GENOTYPE_KINDS = ['convolutional', 'recurrent', 'one-cell'] as const;

/** A kind of genotype. */
export type GenotypeKind = (typeof GENOTYPE_KINDS)[number];

/** A genotype with its kind. */
export type AnyGenotype =
  | { readonly kind: 'convolutional'; readonly genotype: ConvolutionalGenotype }
  | { readonly kind: 'recurrent'; readonly genotype: RecurrentGenotype }
  | { readonly kind: 'one-cell'; readonly genotype: OneCellGenotype };

/** What a kind is for, and a genotype of it that everybody has. */
const KINDS: { readonly [K in GenotypeKind]: { readonly networks: string; readonly example: string } } = {
  convolutional: { networks: 'image networks', example: 'DARTS_V2' },
  recurrent: { networks: 'language models', example: 'DARTS_V2_RNN' },
  'one-cell': {
    networks: 'the task one-cell',
    example: "Genotype(cell=[('sep_conv_3x3', 0), ('skip_connect', 1)], cell_concat=[2])",
  },
};

/** The genotype, if it is convolutional. `where` is for the message. @throws GenonnxError `genotype-kind`. */
export function requireConvolutional(found: AnyGenotype, where?: string): ConvolutionalGenotype {
  if (found.kind === 'convolutional') return found.genotype;
  throw wrongKindError(found.kind, 'convolutional', where);
}

/** The genotype, if it is recurrent. `where` is for the message. @throws GenonnxError `genotype-kind`. */
export function requireRecurrent(found: AnyGenotype, where?: string): RecurrentGenotype {
  if (found.kind === 'recurrent') return found.genotype;
  throw wrongKindError(found.kind, 'recurrent', where);
}

/** The genotype, if it is of a single cell. `where` is for the message. @throws GenonnxError `genotype-kind`. */
export function requireOneCell(found: AnyGenotype, where?: string): OneCellGenotype {
  if (found.kind === 'one-cell') return found.genotype;
  throw wrongKindError(found.kind, 'one-cell', where);
}

/** The error of a genotype of the one kind where the other was wanted. */
export function wrongKindError(found: GenotypeKind, wanted: GenotypeKind, where?: string): GenonnxError {
  const [summary, details] = wrongKind(found, wanted);
  return new GenonnxError('genotype-kind', summary, {
    ...details,
    ...(where === undefined ? {} : { where }),
  });
}

/** The kind whose fields a record names; undefined where it names none of either kind, or some of both. */
export function namedKind(record: RecordLiteral): GenotypeKind | undefined {
  const [only, ...others] = GENOTYPE_KINDS.filter((kind) => ownField(record, kind) !== undefined);
  return others.length === 0 ? only : undefined;
}

/** The kind of a record; one without names has as many positional arguments as its kind has fields. @throws `genotype-syntax`. */
export function kindOfRecord(record: RecordLiteral, source: string | undefined): GenotypeKind {
  const names = record.fields.flatMap(({ name }) => name ?? []);
  const kind =
    names.length > 0
      ? namedKind(record)
      : GENOTYPE_KINDS.find((one) => fieldNames(GENOTYPE_FORMS[one]).length === record.fields.length);
  if (kind !== undefined) return kind;
  throw errorAt(record.place, source, 'The fields are not those of one kind of genotype.', {
    expected: GENOTYPE_KINDS.map(kindInWords).join('; or '),
    found: names.slice(0, 20).join(', ').slice(0, 200) || `${record.fields.length} arguments`,
    cure: 'Give all fields of one kind, and no others.',
  });
}

/** The same, at the place of a record that shows it. */
export function wrongKindAt(
  record: RecordLiteral,
  found: GenotypeKind,
  wanted: GenotypeKind,
  source: string | undefined,
): GenonnxError {
  const place = ownField(record, found)?.place ?? record.place;
  return errorAt(place, source, ...wrongKind(found, wanted), 'genotype-kind');
}

function wrongKind(found: GenotypeKind, wanted: GenotypeKind): [string, Omit<ErrorDetails, 'where'>] {
  return [
    `This is a ${found} genotype.`,
    {
      expected: kindInWords(wanted),
      found: kindInWords(found),
      cure: `Give a ${wanted} genotype, such as ${KINDS[wanted].example}; ${found} ones are for ${KINDS[found].networks}.`,
    },
  ];
}

function ownField({ fields }: RecordLiteral, kind: GenotypeKind) {
  const own = fieldNames(GENOTYPE_FORMS[kind]);
  return fields.find(({ name }) => name !== undefined && own.includes(name));
}

function kindInWords(kind: GenotypeKind): string {
  return `${kind}: ${fieldNames(GENOTYPE_FORMS[kind]).join(', ')}`;
}
