// The masks of variational dropout (Gal & Ghahramani 2016): drawn once a window and constant over its time steps, 0 with
// probability p and 1 / (1 - p) otherwise, so that expectations stay what they were. Five places of a language model have one:
//
//   rows  [V]     words of the embedding table, each everywhere in the window at once
//   emb   [B, E]  embeddings               x    [B, E]  the cell's input
//   h     [B, H]  hidden and node states   out  [B, H]  outputs before the decoder
import type { HostTensor } from '../../engines/engine.js';
import { GenonnxError } from '../../errors.js';
import type { RandomStream } from '../../random.js';

export const MASK_NAMES = ['rows', 'emb', 'x', 'h', 'out'] as const;
export type MaskName = (typeof MASK_NAMES)[number];
/** How probably each is 0. */
export type MaskRates = { readonly [M in MaskName]: number };

/** What the masks' shapes follow from. */
export interface MaskSizes {
  /** B. */
  readonly batch: number;
  /** E and H, which are one number: the embedding is also the decoder. */
  readonly width: number;
  /** V, the words of the vocabulary. */
  readonly words: number;
}

/** The five masks of one window, drawn in the order of their names. @throws GenonnxError `usage` as `dropoutMask`. */
export function variationalMasks(
  stream: RandomStream,
  { batch, width, words }: MaskSizes,
  rates: MaskRates,
): { readonly [M in MaskName]: HostTensor } {
  const mask = (name: MaskName, shape: readonly number[]): HostTensor => ({
    shape,
    data: dropoutMask(stream, shape, rates[name]),
  });
  return {
    rows: mask('rows', [words]),
    emb: mask('emb', [batch, width]),
    x: mask('x', [batch, width]),
    h: mask('h', [batch, width]),
    out: mask('out', [batch, width]),
  };
}

/**
 * f32[shape], one draw for each element; none at rate 0, whose mask is 1 everywhere.
 * @throws GenonnxError `usage` unless 0 <= rate < 1.
 */
export function dropoutMask(stream: RandomStream, shape: readonly number[], rate: number): Float32Array {
  if (!(rate >= 0 && rate < 1)) {
    throw new GenonnxError('usage', 'The dropout rate is not possible.', {
      expected: 'at least 0 and below 1',
      found: String(rate),
      cure: 'Give the share that is dropped; 0 drops nothing.',
    });
  }
  const mask = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
  if (rate === 0) return mask.fill(1);
  const kept = 1 / (1 - rate);
  for (let at = 0; at < mask.length; at++) mask[at] = stream.uniform() < rate ? 0 : kept;
  return mask;
}
