// Trainable parameters of language models around one recurrent cell, in closed form, and the sizes that papers report them at.
//
//   V H + V + 4 H^2 + 2 N H^2
//
// the table of V words, which is the decoder's matrix too, and the decoder's bias; W_0 [2H, 2H]; W_i [H, 2H] for each of N nodes.
// Neither the operations of a node nor their number has parameters, nor which states are the output.

/** What the number of parameters depends on. */
export interface LanguageModelSizes {
  /** V, of the vocabulary. */
  readonly words: number;
  /** H, of embeddings and hidden states. */
  readonly width: number;
  /** N, of the cell. */
  readonly nodes: number;
}

/** Trainable parameters, tied ones once; those of a search's shared weights, too, beside its alphas. */
export function recurrentParameterCount({ words, width, nodes }: LanguageModelSizes): number {
  return words * width + words + 4 * width ** 2 + 2 * nodes * width ** 2;
}

/** Width and words by the text that DARTS and DATA report their results for. */
export const languagePaperSizes = {
  'Penn Treebank': { words: 10_000, width: 850 },
  'WikiText-2': { words: 33_278, width: 700 },
} as const;
