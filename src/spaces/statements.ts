// Finds the genotypes in a text: one bare genotype, one assignment, or a Python file with many. Statements that are not
// assignments of a genotype (imports, lists of primitives, the definition of the named tuple) are passed over unread.
import type { Token } from './tokens.js';

/** A statement that may be a genotype. */
export interface Candidate {
  /** The variable that is assigned, if any. */
  readonly name: string | undefined;
  /** What it is assigned, up to and with the token that ends the statement. */
  readonly value: readonly Token[];
}

/** Every `NAME = value` and every statement that begins like a genotype, in order. */
export function findCandidates(tokens: readonly Token[]): Candidate[] {
  const candidates: Candidate[] = [];
  let statement: Token[] = [];
  for (const token of tokens) {
    statement.push(token);
    if (token.kind !== 'newline' && token.kind !== 'end') continue;
    const candidate = candidateOf(statement);
    if (candidate !== undefined) candidates.push(candidate);
    statement = [];
  }
  return candidates;
}

/** Whether the value begins like a genotype: a call (of whatever name, but for `namedtuple`) or a dictionary. */
export function looksLikeGenotype({ value: [first, second] }: Candidate): boolean {
  if (first === undefined) return false;
  if (isMark(first, '{')) return true;
  return first.kind === 'name' && !first.value.endsWith('namedtuple') && isMark(second, '(');
}

function candidateOf(statement: readonly Token[]): Candidate | undefined {
  const [first, second] = statement;
  if (first?.kind === 'name' && isMark(second, '=')) return { name: first.value, value: statement.slice(2) };
  const bare = { name: undefined, value: statement };
  return looksLikeGenotype(bare) ? bare : undefined;
}

function isMark(token: Token | undefined, mark: string): boolean {
  return token?.kind === 'mark' && token.value === mark;
}
