// The language model around a recurrent cell, with its loss, for windows of whatever length. With m the masks of dropout,
// 0 or 1/keep, drawn once for a window (absent where there is none):
//
//   emb_t = m_emb (m_row[token] table[token])       x_t = m_x emb_t
//   raw_t = h_t = cell(x_t, h_{t-1})                 dropped = m_out raw
//   logits = dropped table^T + bias                  the table without its mask
//
//   loss = mean cross entropy + alpha mean(dropped^2) + beta mean((h_t - h_{t-1})^2 from the second step on)
//
// Merity et al., "Regularizing and Optimizing LSTM Language Models", 2018, has the masks and both penalties.
import type { Builder } from '../../../graphs/builder.js';
import type { Dimension, Value } from '../../../graphs/ir.js';
import { times } from '../../../graphs/shapes.js';
import { step } from '../paths.js';
import type { Carried } from '../step.js';
import type { RecurrentWeights } from './weights.js';

/** Names of the inputs. */
export const languageInputs = {
  /** f32[B H], what the window before ended with, and f32[1], 0 where there is none before it. */
  hidden: 'hidden',
  carry: 'carry',
  /** i64[T,B] each. */
  tokens: 'tokens',
  targets: 'targets',
  /** f32[T,B]: what each target counts, 1/(T B) in a mean. */
  weights: 'weights',
  /** f32[T,1,1]: 0 for the first step, then beta / ((T-1) B H). */
  slowness: 'slowness',
  /** f32[1]: alpha / (T B H). */
  activity: 'activity',
  /** f32[V], f32[B,H] otherwise. */
  masks: { rows: 'mask.rows', emb: 'mask.emb', x: 'mask.x', h: 'mask.h', out: 'mask.out' },
} as const;

export type MaskName = keyof typeof languageInputs.masks;

export interface WindowShape {
  readonly steps: Dimension;
  readonly batch: number;
}

export interface Regularisation {
  /** Which masks a step is fed. */
  readonly masks: readonly MaskName[];
  /** Whether alpha and beta are more than 0. */
  readonly activity: boolean;
  readonly slowness: boolean;
}

export const noRegularisation: Regularisation = { masks: [], activity: false, slowness: false };

/** What runs over the window: from f32[T,B,2H] and h_0 to all h_t f32[T,B,H], what each began with, and the last. */
export type Recurrence = (
  fromInput: Value,
  mask: Value | undefined,
) => { readonly raw: Value; readonly previous: Value; readonly last: Value };

export interface TracedLanguage {
  /** f32[]: cross entropy and penalties. */
  readonly loss: Value;
  /** f32[]: the mean cross entropy in nats. */
  readonly crossEntropy: Value;
  /** f32[T,B,H]: before and after the mask. */
  readonly raw: Value;
  readonly dropped: Value;
  /** f32[B,H]. */
  readonly last: Value;
}

/** Rows of logits that are kept at a time are a fourth of a window's. */
const PIECES = 4;

/** Asks for the inputs of a window, and traces the model around `recurrence`. */
export function traceLanguage(
  g: Builder,
  { table, bias, ofInput }: RecurrentWeights,
  { steps, batch }: WindowShape,
  regularisation: Regularisation,
  recurrence: Recurrence,
): TracedLanguage {
  const [words, width] = table.shape;
  const masks = new Map(
    regularisation.masks.map((name) => {
      const shape = name === 'rows' ? [words ?? 1] : [batch, width ?? 1];
      return [name, g.input(languageInputs.masks[name], shape)] as const;
    }),
  );
  const rows = times(steps, batch);
  const flat = (name: string, dtype: 'float32' | 'int64'): Value =>
    g.reshape(g.input(name, [steps, batch], dtype), [rows]);
  const tokens = flat(languageInputs.tokens, 'int64');
  const targets = flat(languageInputs.targets, 'int64');
  const weights = flat(languageInputs.weights, 'float32');

  const fromInput = g.within('encoder', () => {
    const found = g.gather(table, tokens);
    const rowMask = masks.get('rows');
    const kept =
      rowMask === undefined ? found : g.mul(found, g.reshape(g.gather(rowMask, tokens), [rows, 1]));
    const both = productOf(g, [masks.get('emb'), masks.get('x')]);
    const shape = [steps, batch, width ?? 1];
    const x = both === undefined ? kept : g.reshape(g.mul(g.reshape(kept, shape), both), [rows, width ?? 1]);
    return g.within(step.cell(0), () =>
      g.reshape(g.matMul(x, ofInput), [steps, batch, ofInput.shape[1] ?? 1]),
    );
  });
  const { raw, previous, last } = recurrence(fromInput, masks.get('h'));
  const outMask = masks.get('out');
  const dropped = outMask === undefined ? raw : g.mul(raw, outMask);
  const crossEntropy = g.within('decoder', () =>
    g.one('linearCrossEntropy', [g.reshape(dropped, [rows, width ?? 1]), table, bias, targets, weights], {
      pieces: PIECES,
    }),
  );
  const penalties = g.within('penalties', () => [
    ...(regularisation.activity
      ? [g.mul(squares(g, dropped), g.reshape(g.input(languageInputs.activity, [1]), []))]
      : []),
    ...(regularisation.slowness
      ? [weightedSquares(g, g.sub(raw, previous), g.input(languageInputs.slowness, [steps, 1, 1]))]
      : []),
  ]);
  return { loss: g.sum([crossEntropy, ...penalties]), crossEntropy, raw, dropped, last };
}

/** The hidden state f32[B,H] that a window begins with, and how the one that it ends with is handed on. */
export function carriedHidden(
  g: Builder,
  batch: number,
  width: number,
): { readonly hidden: Value; readonly carry: (last: Value) => Carried } {
  const before = g.input(languageInputs.hidden, [batch * width]);
  const hidden = g.reshape(g.mul(before, g.input(languageInputs.carry, [1])), [batch, width]);
  return { hidden, carry: (last) => ({ before, after: g.reshape(last, [batch * width]) }) };
}

function productOf(g: Builder, factors: readonly (Value | undefined)[]): Value | undefined {
  return factors.reduce((a, b) => (a === undefined ? b : b === undefined ? a : g.mul(a, b)));
}

/** The sum of all squares, f32[]. */
function squares(g: Builder, x: Value): Value {
  return g.reduceSum(
    g.mul(x, x),
    x.shape.map((_, axis) => axis),
  );
}

/** The sum over the steps of the weight of each times its squares, f32[]. */
function weightedSquares(g: Builder, x: Value, weights: Value): Value {
  const ofSteps = g.reduceSum(g.mul(x, x), [1, 2], true);
  return g.reduceSum(g.mul(ofSteps, weights), [0, 1, 2]);
}
