// The language model of a genotype: its loss over a window, for training and for evaluation, traced from one definition.
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { RecurrentGenotype } from '../../spaces/recurrent.js';
import { type Combination, derivedCell } from './derived-cell.js';
import {
  type Regularisation,
  type TracedLanguage,
  traceLanguage,
  type WindowShape,
} from './language-loss.js';
import { type RecurrentWeights, recurrentWeights } from './weights.js';

export interface LanguageNetwork {
  readonly genotype: RecurrentGenotype;
  readonly words: number;
  /** Of embeddings and hidden states. */
  readonly width: number;
  readonly combination: Combination;
}

/** The loss of a window, from the hidden state f32[B,H] that it begins with. */
export function derivedLanguage(
  g: Builder,
  network: LanguageNetwork,
  window: WindowShape,
  hidden: Value,
  regularisation: Regularisation,
): TracedLanguage {
  const weights = recurrentWeights(g, { ...network, nodes: network.genotype.recurrent.nodes.length });
  return traceLanguage(g, weights, window, regularisation, (fromInput, mask) => {
    const { states, results } = overWindow(g, network, weights, { fromInput, hidden, mask });
    const [[last], [raw, previous]] = [states, results];
    if (last === undefined || raw === undefined || previous === undefined) throw new RangeError('scan');
    return { raw, previous, last };
  });
}

/** The cell over a window: the last hidden state, and of each step the one that it ends with and began with, f32[T,B,H]. */
export function overWindow(
  g: Builder,
  { genotype, width, combination }: LanguageNetwork,
  { ofHidden, ofNodes }: RecurrentWeights,
  {
    fromInput,
    hidden,
    mask,
  }: { readonly fromInput: Value; readonly hidden: Value; readonly mask?: Value | undefined },
): { readonly states: readonly Value[]; readonly results: readonly Value[] } {
  const masks = mask === undefined ? [] : [mask];
  const matrices = [ofHidden, ...ofNodes];
  return g.scan(
    { states: [hidden], sequences: [fromInput], captures: [...matrices, ...masks] },
    (body, { states: [previous], elements: [element], captures }) => {
      const [first, ...others] = captures.slice(0, matrices.length);
      if (previous === undefined || element === undefined || first === undefined)
        throw new RangeError('scan');
      const next = derivedCell(
        body,
        genotype,
        {
          fromInput: element,
          hidden: previous,
          ofHidden: first,
          ofNodes: others,
          mask: captures[matrices.length],
        },
        { width, combination },
      );
      return { states: [next], results: [next, previous] };
    },
  );
}
