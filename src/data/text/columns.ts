// A text as a language model reads it: cut into B contiguous pieces of equal length, one a column, so that row after row B
// streams go on side by side and hidden states are carried from window to window. For n tokens
//
//   rows = floor(n / B),  column b = tokens b rows .. (b + 1) rows - 1,  the rest is left out.
import { GenonnxError } from '../../errors.js';

/** B streams of one text. */
export interface Columns {
  readonly rows: number;
  /** B. */
  readonly batch: number;
  /** u32[rows, B], row-major: a window of rows is one piece of it. */
  readonly data: Uint32Array;
}

/** A piece of the rows: inputs are rows start .. start + length - 1, targets the rows one further. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

/** What a model reads and what it is to predict, both i64[length, B]. */
export interface WindowTokens {
  readonly tokens: BigInt64Array;
  readonly targets: BigInt64Array;
}

/**
 * Lays `tokens` out in columns. @throws GenonnxError `usage` for a batch that is no positive integer, or too large for the text
 * to give each column a word and one that follows it; `setting` is what errors call it.
 */
export function batchify(tokens: Uint32Array, batch: number, setting = 'batch'): Columns {
  if (!Number.isInteger(batch) || batch < 1) {
    throw new GenonnxError('usage', 'The batch size is not possible.', {
      where: `\`${setting}\``,
      expected: 'a positive integer',
      found: String(batch),
      cure: 'Give a positive integer.',
    });
  }
  const rows = Math.floor(tokens.length / batch);
  if (rows < 2) {
    throw new GenonnxError('usage', 'The batch is larger than the text.', {
      where: `\`${setting}\``,
      expected: `at most ${Math.floor(tokens.length / 2)}, two words a column`,
      found: `${batch} columns for ${tokens.length} words`,
      cure: 'Choose a smaller batch, or a longer text.',
    });
  }
  const data = new Uint32Array(rows * batch);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < batch; column++) data[row * batch + column] = tokens[column * rows + row]!;
  return { rows, batch, data };
}

/** The tokens of a window, in fresh arrays. `start + length` is at most `rows - 1`. */
export function windowTokens({ batch, data }: Columns, { start, length }: Span): WindowTokens {
  const piece = (from: number): BigInt64Array =>
    BigInt64Array.from({ length: length * batch }, (_, at) => BigInt(data[from * batch + at]!));
  return { tokens: piece(start), targets: piece(start + 1) };
}

/** The last `share` of a text, at least one token, taken from it: a search that leaves the validation text alone learns from it. */
export function splitTail(
  tokens: Uint32Array,
  share: number,
): { readonly head: Uint32Array; readonly tail: Uint32Array } {
  const at = tokens.length - Math.max(1, Math.round(share * tokens.length));
  return { head: tokens.subarray(0, at), tail: tokens.subarray(at) };
}
