// Reads genotypes from text. Accepted are DARTS's form, a flat list with two (operation, input) pairs a node; DATA's, one
// list a node of any length; either as Python, `Genotype(normal=[...], normal_concat=range(2, 6), ...)`, or as JSON with
// the same four fields; and Python files that assign several of them to names.
import { GenonnxError } from '../errors.js';
import type { Genotype } from './genotype.js';
import { type Field, type RecordLiteral, readLiteral } from './literals.js';
import { readCell } from './read-cell.js';
import { type Candidate, findCandidates, looksLikeGenotype } from './statements.js';
import { errorAt, quoted, tokenInWords } from './syntax-error.js';
import { type Token, tokenize } from './tokens.js';

export interface ParseOptions {
  /** Which of several assignments to read: the NAME of `file.py:NAME`. */
  readonly name?: string;
  /** The file's name, for messages. */
  readonly source?: string;
}

/** Fields in the order of the named tuple's positional arguments. */
const FIELDS = ['normal', 'normal_concat', 'reduce', 'reduce_concat'] as const;
type FieldName = (typeof FIELDS)[number];

/**
 * The genotype in `text`, the one that is assigned to `name` where there are several.
 * @throws `genotype-syntax`, `unknown-primitive`, `node-out-of-range`, each with line and column; `usage` where the text
 * holds several and `name` does not choose one.
 */
export function parseGenotype(text: string, { name, source }: ParseOptions = {}): Genotype {
  const tokens = tokenize(text, source);
  const candidates = findCandidates(tokens);
  const chosen =
    name === undefined ? onlyCandidate(candidates, tokens, source) : namedCandidate(candidates, name, source);
  return readGenotype(chosen, source);
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
  source: string | undefined,
): Candidate {
  const genotypes = candidates.filter(looksLikeGenotype);
  const [only, second] = genotypes;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw severalError(genotypes, source);
  const first = tokens.find(({ kind }) => kind !== 'newline');
  throw errorAt(first?.place ?? { line: 1, column: 1 }, source, 'There is no genotype in the text.', {
    expected: 'Genotype(normal=[...], normal_concat=[...], reduce=[...], reduce_concat=[...])',
    found: first === undefined ? 'nothing' : tokenInWords(first),
    cure: 'Give a genotype as DARTS or DATA print it, or as JSON with these four fields.',
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

function readGenotype({ value }: Candidate, source: string | undefined): Genotype {
  const literal = readLiteral(value, source);
  if (literal.kind !== 'record') {
    throw errorAt(literal.place, source, 'This is not a genotype.', {
      expected: 'Genotype(...) or a JSON object',
      found: `a ${literal.kind}`,
      cure: 'Give a genotype as DARTS or DATA print it.',
    });
  }
  const fields = fieldsOf(literal, source);
  return {
    normal: readCell(fields.normal.value, fields.normal_concat.value, source),
    reduce: readCell(fields.reduce.value, fields.reduce_concat.value, source),
  };
}

function fieldsOf(record: RecordLiteral, source: string | undefined): Record<FieldName, Field> {
  const found = new Map<string, Field>();
  record.fields.forEach((field, position) => {
    const name = field.name ?? FIELDS[position];
    if (name === undefined || !FIELDS.some((known) => known === name)) {
      throw errorAt(field.place, source, 'A genotype has no such field.', {
        expected: FIELDS.join(', '),
        found: name === undefined ? `${record.fields.length} arguments` : quoted(name),
        cure: 'Only convolutional genotypes, of a normal and a reduction cell, are read.',
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
  const field = (name: FieldName): Field => {
    const given = found.get(name);
    if (given !== undefined) return given;
    throw errorAt(record.place, source, 'A genotype lacks a field.', {
      expected: FIELDS.join(', '),
      found: found.size === 0 ? 'no field' : [...found.keys()].join(', '),
      cure: `Add ${name}.`,
    });
  };
  return {
    normal: field('normal'),
    normal_concat: field('normal_concat'),
    reduce: field('reduce'),
    reduce_concat: field('reduce_concat'),
  };
}
