// How an error in a genotype's text reads: what was expected and found, and at which line and column.
import { type ErrorCode, type ErrorDetails, GenonnxError } from '../errors.js';
import type { Place, Token } from './tokens.js';

/** An error at a place of the text, or of the file `source`. */
export function errorAt(
  place: Place,
  source: string | undefined,
  summary: string,
  details: Omit<ErrorDetails, 'where'>,
  code: ErrorCode = 'genotype-syntax',
): GenonnxError {
  const where = `${place.line}:${place.column}`;
  return new GenonnxError(code, summary, {
    ...details,
    where: source === undefined ? where : `${source}:${where}`,
  });
}

/** A token in words. */
export function tokenInWords({ kind, value }: Token): string {
  if (kind === 'end') return 'the end of the text';
  if (kind === 'newline') return 'the end of the line';
  return quoted(value);
}

/** `value` between quotes, shortened. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
}
