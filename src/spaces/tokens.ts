// The words of a genotype's text, each with its place. The text is Python (as papers and code print genotypes) or JSON; of
// both only what literals need is told apart. Whatever else a Python file holds becomes tokens of kind `other`, which only
// matter where something tries to read them.
import { GenonnxError } from '../errors.js';

/** Where a token begins, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Token {
  /** `newline` only outside of brackets; `end` once, at the end. */
  readonly kind: 'name' | 'text' | 'number' | 'mark' | 'other' | 'newline' | 'end';
  /** The characters; of a `text` what stands between its quotes. */
  readonly value: string;
  readonly place: Place;
}

/** Longest text that is read: far beyond any file of genotypes. */
const LONGEST = 1 << 20;

// In order: the first that matches at a position is taken. None scans the same characters again and again.
const PATTERN = new RegExp(
  [
    /(?<skip>[ \t\f\uFEFF]+|\\\r?\n|#[^\r\n]*)/,
    /(?<newline>\r\n|\r|\n|;)/,
    /(?<long>""".*?"""|'''.*?''')/,
    /"(?<double>[^"\\\r\n]*)"/,
    /'(?<single>[^'\\\r\n]*)'/,
    /(?<word>[-+]?[\w.]+)/,
    /(?<mark>[()[\]{},:=])/,
    /(?<other>.)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'suy',
);

const NUMBER = /^[-+]?\d+(?:\.\d*)?(?:[eE]\d+)?$/;
const NAME = /^[A-Za-z_]/;

/** Splits `text`; never fails but for its length. `source` is a file's name, for messages. @throws `genotype-syntax`. */
export function tokenize(text: string, source?: string): Token[] {
  if (text.length > LONGEST) {
    throw new GenonnxError('genotype-syntax', 'The text is too long for a genotype.', {
      ...(source === undefined ? {} : { where: source }),
      expected: `at most ${LONGEST} characters`,
      found: `${text.length}`,
    });
  }
  const tokens: Token[] = [];
  let depth = 0;
  let line = 1;
  let lineStart = 0;
  let at = 0;
  while (at < text.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    const groups = match?.groups;
    if (match === null || groups === undefined) break;
    const place = { line, column: at - lineStart + 1 };
    const token = read(groups, place);
    if (token?.kind === 'mark') depth += depthChange(token.value);
    if (depth < 0) depth = 0;
    if (token !== undefined && (token.kind !== 'newline' || depth === 0)) tokens.push(token);
    for (const end of match[0].matchAll(/\r\n|\r|\n/g)) {
      line += 1;
      lineStart = at + end.index + end[0].length;
    }
    at += match[0].length;
  }
  tokens.push({ kind: 'end', value: '', place: { line, column: at - lineStart + 1 } });
  return tokens;
}

function read(groups: Record<string, string | undefined>, place: Place): Token | undefined {
  const { newline, long, double, single, word, mark, other } = groups;
  if (newline !== undefined) return { kind: 'newline', value: newline, place };
  if (long !== undefined) return { kind: 'text', value: long.slice(3, -3), place };
  const text = double ?? single;
  if (text !== undefined) return { kind: 'text', value: text, place };
  if (word !== undefined) return { kind: wordKind(word), value: word, place };
  if (mark !== undefined) return { kind: 'mark', value: mark, place };
  if (other !== undefined) return { kind: 'other', value: other, place };
  return undefined;
}

function wordKind(word: string): 'number' | 'name' | 'other' {
  if (NUMBER.test(word)) return 'number';
  return NAME.test(word) ? 'name' : 'other';
}

function depthChange(mark: string): number {
  if ('([{'.includes(mark)) return 1;
  return ')]}'.includes(mark) ? -1 : 0;
}
