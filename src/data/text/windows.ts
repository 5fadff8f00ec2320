// The windows of an epoch: which rows each step reads, and by what its learning rate is multiplied. As in the recurrent half of
// the DARTS code, T = `bptt` and z standard normal:
//
//   training     c = T, or T/2 with probability 0.05;  L = min(max(5, trunc(c + 5 z)), T + 20)
//   searching    L = T, or trunc(T/2) with probability 0.05
//   evaluating   L = T
//
// The next window starts L rows further on. The last one is cut to what is left, its rate is not: it is multiplied by L / T
// with L as drawn. Training stops where fewer than two rows of targets are left, since a window's activations are compared
// with those one step before.
import { GenonnxError } from '../../errors.js';
import type { RandomStream } from '../../random.js';
import type { Span } from './columns.js';

const HALF_PROBABILITY = 0.05;
const DEVIATION = 5;
const SHORTEST = 5;
/** By so much the longest window exceeds `bptt`. */
export const LONGEST_EXCESS = 20;

/** The rows of a training step. */
export interface TrainingWindow extends Span {
  /** What the learning rate of this step is multiplied by. */
  readonly rateFactor: number;
}

/** The rows of a step of a search: of the training text for the weights, of the search text for the alphas. */
export interface SearchWindow {
  readonly weights: TrainingWindow;
  readonly alphas: Span;
}

/**
 * The windows of an epoch over `rows` rows, their lengths drawn from `stream`. @throws GenonnxError `usage` for a `bptt` that is
 * no integer of at least 4 or exceeds the rows' targets.
 */
export function trainingWindows(rows: number, bptt: number, stream: RandomStream): TrainingWindow[] {
  return tile(rows, bptt, () => {
    const center = drawCenter(bptt, stream);
    return Math.min(
      Math.max(SHORTEST, Math.trunc(center + DEVIATION * stream.normal())),
      bptt + LONGEST_EXCESS,
    );
  });
}

/**
 * The windows of an epoch of a search: those of the weights over `rows` rows, and beside each one in the `searchRows` rows of
 * the text that the alphas learn from, beginning at the same row or, where that text is shorter, again from its start.
 * @throws GenonnxError `usage` as above, for either text.
 */
export function searchWindows(
  rows: number,
  searchRows: number,
  bptt: number,
  stream: RandomStream,
): SearchWindow[] {
  requireWindows(searchRows, bptt);
  return tile(rows, bptt, () => Math.trunc(drawCenter(bptt, stream))).map((weights) => {
    const start = weights.start % (searchRows - 1);
    return { weights, alphas: { start, length: Math.min(bptt, searchRows - 1 - start) } };
  });
}

/** All targets once, `bptt` rows at a time. @throws GenonnxError `usage` for a `bptt` that is no positive integer. */
export function evaluationWindows(rows: number, bptt: number): Span[] {
  if (!Number.isInteger(bptt) || bptt < 1) throw impossible(bptt, 'a positive integer');
  return Array.from({ length: Math.ceil((rows - 1) / bptt) }, (_, at) => ({
    start: at * bptt,
    length: Math.min(bptt, rows - 1 - at * bptt),
  }));
}

function drawCenter(bptt: number, stream: RandomStream): number {
  return stream.uniform() < HALF_PROBABILITY ? bptt / 2 : bptt;
}

function tile(rows: number, bptt: number, drawLength: () => number): TrainingWindow[] {
  requireWindows(rows, bptt);
  const windows: TrainingWindow[] = [];
  for (let start = 0; start < rows - 2; ) {
    const drawn = drawLength();
    windows.push({ start, length: Math.min(drawn, rows - 1 - start), rateFactor: drawn / bptt });
    start += drawn;
  }
  return windows;
}

/** @throws GenonnxError `usage` as `trainingWindows`, before one is drawn. */
export function requireWindows(rows: number, bptt: number): void {
  // Half of 4 still has a step and one before it.
  if (!Number.isInteger(bptt) || bptt < 4) throw impossible(bptt, 'an integer of at least 4');
  if (bptt < rows) return;
  throw new GenonnxError('usage', 'The windows are longer than the text.', {
    where: '`bptt`',
    expected: `at most ${rows - 1}: each column of the batch has ${rows} words`,
    found: String(bptt),
    cure: 'Choose shorter windows, a smaller batch, or a longer text.',
  });
}

function impossible(bptt: number, expected: string): GenonnxError {
  return new GenonnxError('usage', 'The length of the windows is not possible.', {
    where: '`bptt`',
    expected,
    found: String(bptt),
    cure: 'Give such a number.',
  });
}
