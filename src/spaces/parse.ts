// Reads genotypes from text. Accepted are DARTS's form, a flat list with as many (operation, input) pairs a node as a node
// keeps (two in convolutional cells); DATA's, one list a node of any length; either as Python,
// `Genotype(normal=[...], normal_concat=range(2, 6), ...)`, or as JSON with the same fields; and Python files that assign
// several of them to names. Which cells there are, and what they may compute, a space says, or the form of many spaces.
import { GenonnxError } from '../errors.js';
import { CONVOLUTIONAL_FORM, type ConvolutionalGenotype } from './convolutional.js';
import { fieldsOf } from './fields.js';
import type { Genotype } from './genotype.js';
import { type Field, type RecordLiteral, readLiteral } from './literals.js';
import { readCell } from './read-cell.js';
import { type Operation, perCellType, type SpaceForm } from './search-space.js';
import { type Candidate, findCandidates, looksLikeGenotype } from './statements.js';
import { errorAt, quoted, tokenInWords } from './syntax-error.js';
import { type Token, tokenize } from './tokens.js';

export interface ParseOptions {
  /** Which of several assignments to read: the NAME of `file.py:NAME`. */
  readonly name?: string;
  /** The file's name, for messages. */
  readonly source?: string;
}

/**
 * The convolutional genotype in `text`, the one that is assigned to `name` where there are several.
 * @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`, each with line and column; `usage` where the text
 * holds several and `name` does not choose one.
 */
export function parseGenotype(text: string, options: ParseOptions = {}): ConvolutionalGenotype {
  return parseGenotypeOf(CONVOLUTIONAL_FORM, text, options);
}

/** The same for a genotype of whatever space; of how many nodes does not matter. @throws as `parseGenotype`. */
export function parseGenotypeOf<Name extends string, Primitive extends string>(
  form: SpaceForm<Name, Primitive>,
  text: string,
  { name, source }: ParseOptions = {},
): Genotype<Name, Operation<Primitive>> {
  const tokens = tokenize(text, source);
  const candidates = findCandidates(tokens);
  const chosen =
    name === undefined
      ? onlyCandidate(candidates, tokens, form, source)
      : namedCandidate(candidates, name, source);
  return readGenotype(chosen, form, source);
}

/** The names that `text` assigns genotypes to, in order. @throws `genotype-syntax` for a text too long. */
export function listGenotypes(text: string, source?: string): string[] {
  const named = findCandidates(tokenize(text, source))
    .filter(looksLikeGenotype)
    .map(({ name }) => name);
  return [...new Set(named)].filter((name) => name !== undefined);
}

function onlyCandidate(
  candidates: readonly Candidate[],
  tokens: readonly Token[],
  form: SpaceForm,
  source: string | undefined,
): Candidate {
  const genotypes = candidates.filter(looksLikeGenotype);
  const [only, second] = genotypes;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw severalError(genotypes, source);
  const first = tokens.find(({ kind }) => kind !== 'newline');
  throw errorAt(first?.place ?? { line: 1, column: 1 }, source, 'There is no genotype in the text.', {
    expected: `Genotype(${fieldNames(form)
      .map((field) => `${field}=[...]`)
      .join(', ')})`,
    found: first === undefined ? 'nothing' : tokenInWords(first),
    cure: 'Give a genotype as DARTS or DATA print it, or as JSON with these fields.',
  });
}

function severalError(candidates: readonly Candidate[], source: string | undefined): GenonnxError {
  const names = candidates.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return new GenonnxError('usage', 'The text holds several genotypes.', {
    ...(source === undefined ? {} : { where: source }),
    expected: 'the name of one',
    found: names.length === 0 ? `${candidates.length} without names` : listed(names),
    cure: `Choose one, as in ${source ?? 'genotypes.py'}:${listed(names.slice(0, 1)) || 'NAME'}.`,
  });
}

function listed(names: readonly string[]): string {
  return names.slice(0, 20).join(', ').slice(0, 300);
}

/** The last assignment to `name`, as Python would have it; an assignment of another name leads on to that one. */
function namedCandidate(
  candidates: readonly Candidate[],
  name: string,
  source: string | undefined,
): Candidate {
  let wanted = name;
  for (const candidate of candidates.toReversed()) {
    if (candidate.name !== wanted) continue;
    const [first, second] = candidate.value;
    if (first?.kind !== 'name' || (second?.kind !== 'newline' && second?.kind !== 'end')) return candidate;
    wanted = first.value;
  }
  const names = candidates.flatMap((candidate) =>
    candidate.name !== undefined && looksLikeGenotype(candidate) ? [candidate.name] : [],
  );
  throw new GenonnxError('usage', `The text assigns no genotype to ${quoted(name)}.`, {
    ...(source === undefined ? {} : { where: source }),
    expected: names.length === 0 ? 'an assignment NAME = Genotype(...)' : `one of ${listed(names)}`,
    found: quoted(wanted),
    cure: 'Check the spelling of the name, upper and lower case included.',
  });
}

function readGenotype<Name extends string, Primitive extends string>(
  { value }: Candidate,
  form: SpaceForm<Name, Primitive>,
  source: string | undefined,
): Genotype<Name, Operation<Primitive>> {
  const literal = readLiteral(value, source);
  if (literal.kind !== 'record') {
    throw errorAt(literal.place, source, 'This is not a genotype.', {
      expected: 'Genotype(...) or a JSON object',
      found: `a ${literal.kind}`,
      cure: 'Give a genotype as DARTS or DATA print it.',
    });
  }
  const found = fieldsIn(literal, form, source);
  const field = (name: string): Field => {
    const given = found.get(name);
    if (given !== undefined) return given;
    throw errorAt(literal.place, source, 'A genotype lacks a field.', {
      expected: fieldNames(form).join(', '),
      found: found.size === 0 ? 'no field' : [...found.keys()].join(', '),
      cure: `Add ${name}.`,
    });
  };
  // All of them, before any is read.
  const fields = form.cellTypes.map((type) => {
    const names = fieldsOf(type);
    return { name: type.name, type, nodes: field(names.nodes), concat: field(names.concat) };
  });
  return perCellType(fields, ({ type, nodes, concat }) => readCell(type, nodes.value, concat.value, source));
}

/** In the order of the named tuple's positional arguments. */
function fieldNames({ cellTypes }: SpaceForm): string[] {
  return cellTypes.flatMap((type) => Object.values(fieldsOf(type)));
}

function fieldsIn(
  record: RecordLiteral,
  form: SpaceForm,
  source: string | undefined,
): ReadonlyMap<string, Field> {
  const names = fieldNames(form);
  const found = new Map<string, Field>();
  record.fields.forEach((field, position) => {
    const name = field.name ?? names[position];
    if (name === undefined || !names.includes(name)) {
      throw errorAt(field.place, source, 'A genotype has no such field.', {
        expected: names.join(', '),
        found: name === undefined ? `${record.fields.length} arguments` : quoted(name),
        cure: `Only ${form.name} genotypes, of the cells ${form.cellTypes.map((type) => type.name).join(' and ')}, are read.`,
      });
    }
    if (found.has(name)) {
      throw errorAt(field.place, source, 'A field is given twice.', {
        expected: `${name} once`,
        found: `${name} again`,
        cure: 'Remove one of the two.',
      });
    }
    found.set(name, field);
  });
  return found;
}
