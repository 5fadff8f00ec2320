// Finds the genotype that is meant in a text, the one that a name chooses or the only one there is, and reads it as a record of
// fields. What the fields mean is `read-genotype.ts`'s business.
import { GenonnxError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { type RecordLiteral, readLiteral } from './literals.js';
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
 * The record that is the genotype; `expected` is what one looks like, for messages.
 * @throws `genotype-syntax`, with line and column; `usage` where the text holds several and `name` does not choose one.
 */
export function findGenotype(text: string, expected: string, { name, source }: ParseOptions): RecordLiteral {
  const tokens = tokenize(text, source);
  const candidates = findCandidates(tokens);
  const { value } =
    name === undefined
      ? onlyCandidate(candidates, tokens, expected, source)
      : namedCandidate(candidates, name, source);
  const literal = readLiteral(value, source);
  if (literal.kind === 'record') return literal;
  throw errorAt(literal.place, source, 'This is not a genotype.', {
    expected: 'Genotype(...) or a JSON object',
    found: `a ${literal.kind}`,
    cure: 'Give a genotype as DARTS or DATA print it.',
  });
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
  expected: string,
  source: string | undefined,
): Candidate {
  const genotypes = candidates.filter(looksLikeGenotype);
  const [only, second] = genotypes;
  if (only !== undefined && second === undefined) return only;
  if (only !== undefined) throw severalError(genotypes, source);
  const first = tokens.find(({ kind }) => kind !== 'newline');
  throw errorAt(first?.place ?? { line: 1, column: 1 }, source, 'There is no genotype in the text.', {
    expected,
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
    cure: didYouMean(wanted, names, 'Check the spelling of the name, upper and lower case included.'),
  });
}
