// Reads the Python and JSON literals that genotypes are written in: texts, numbers, lists (tuples are lists), and records,
// which are calls with arguments `Genotype(normal=[...], ...)` as well as dictionaries `{"normal": [...], ...}`. Every
// literal knows its place, so that whoever gives it a meaning can say where that fails.
import { errorAt, tokenInWords } from './syntax-error.js';
import type { Place, Token } from './tokens.js';

export type Literal = TextLiteral | NumberLiteral | ListLiteral | RecordLiteral | NameLiteral;

interface Placed {
  readonly place: Place;
}
export interface TextLiteral extends Placed {
  readonly kind: 'text';
  readonly value: string;
}
export interface NumberLiteral extends Placed {
  readonly kind: 'number';
  readonly value: number;
  /** As written. */
  readonly text: string;
}
export interface ListLiteral extends Placed {
  readonly kind: 'list';
  readonly items: readonly Literal[];
}
/** A call, with the name that is called, or a dictionary, whose name is empty. */
export interface RecordLiteral extends Placed {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly Field[];
}
/** A bare name: another variable. */
export interface NameLiteral extends Placed {
  readonly kind: 'name';
  readonly value: string;
}

/** An argument or a dictionary's entry; a positional argument has no name. */
export interface Field extends Placed {
  readonly name: string | undefined;
  readonly value: Literal;
}

/** No genotype nests deeper than a file, a call, a list, a list and a pair; this leaves room. */
const DEEPEST = 16;

/** The one literal that `tokens` are; they end with `newline` or `end`. @throws `genotype-syntax`. */
export function readLiteral(tokens: readonly Token[], source?: string): Literal {
  const reader = new Reader(tokens, source);
  const literal = reader.literal(0);
  const rest = reader.peek();
  if (rest.kind !== 'newline' && rest.kind !== 'end') {
    throw errorAt(rest.place, source, 'Something follows the value.', {
      expected: 'the end of the line',
      found: tokenInWords(rest),
      cure: 'Check the brackets, and remove what follows the last one.',
    });
  }
  return literal;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #source: string | undefined;
  #next = 0;

  constructor(tokens: readonly Token[], source: string | undefined) {
    this.#tokens = tokens;
    this.#source = source;
  }

  peek(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    return token ?? { kind: 'end', value: '', place: { line: 1, column: 1 } };
  }

  literal(depth: number): Literal {
    const token = this.#take();
    const { kind, value, place } = token;
    if (depth > DEEPEST) {
      throw errorAt(place, this.#source, 'The brackets nest too deeply.', {
        expected: `at most ${DEEPEST} levels`,
        found: tokenInWords(token),
      });
    }
    if (kind === 'text') return { kind, value, place };
    if (kind === 'number') return { kind, value: Number(value), text: value, place };
    if (kind === 'name') {
      return this.#opens('(') ? this.#record(value, place, ')', '=', depth) : { kind, value, place };
    }
    if (kind === 'mark' && value === '[') return this.#list(place, ']', depth);
    if (kind === 'mark' && value === '(') return this.#list(place, ')', depth);
    if (kind === 'mark' && value === '{') return this.#record('', place, '}', ':', depth);
    throw errorAt(place, this.#source, 'A value is missing.', {
      expected: 'a list, a pair, a text or a number',
      found: tokenInWords(token),
      cure: 'Check the brackets, quotes and commas before this place.',
    });
  }

  #list(place: Place, closing: string, depth: number): ListLiteral {
    const items: Literal[] = [];
    this.#separated(place, closing, () => items.push(this.literal(depth + 1)));
    return { kind: 'list', items, place };
  }

  #record(name: string, place: Place, closing: string, between: string, depth: number): RecordLiteral {
    const fields: Field[] = [];
    this.#separated(place, closing, () => {
      const key = this.literal(depth + 1);
      if (this.#opens(between)) {
        if (key.kind !== 'name' && key.kind !== 'text') {
          throw errorAt(key.place, this.#source, 'A field needs a name.', {
            expected: 'a name',
            found: key.kind,
          });
        }
        fields.push({ name: key.value, value: this.literal(depth + 1), place: key.place });
      } else {
        fields.push({ name: undefined, value: key, place: key.place });
      }
    });
    return { kind: 'record', name, fields, place };
  }

  /** Items with commas between and perhaps after them, up to the closing bracket. */
  #separated(opened: Place, closing: string, item: () => void): void {
    while (!this.#opens(closing)) {
      item();
      if (this.#opens(',')) continue;
      const token = this.peek();
      if (token.kind === 'mark' && token.value === closing) continue;
      throw errorAt(token.place, this.#source, 'A bracket is not closed, or a comma is missing.', {
        expected: `"," or "${closing}" (opened at ${opened.line}:${opened.column})`,
        found: tokenInWords(token),
        cure: 'Check the brackets and commas before this place.',
      });
    }
  }

  /** Takes the mark if it comes next. */
  #opens(mark: string): boolean {
    const { kind, value } = this.peek();
    if (kind !== 'mark' || value !== mark) return false;
    this.#next += 1;
    return true;
  }

  #take(): Token {
    const token = this.peek();
    if (token.kind !== 'newline' && token.kind !== 'end') this.#next += 1;
    return token;
  }
}
