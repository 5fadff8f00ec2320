// What the searches and trainings of language models have in common: which text, in which windows, and what keeps a model
// from learning it by heart.
import { z } from 'zod';

const positive = z.int().min(1);
const rate = z.number().min(0);
const share = z.number().min(0).lt(1);

export const languageOptions = {
  /** An embedded text by its name, or a folder of three texts. */
  data: z.string().min(1),
  /** Words of the training text; all when absent. */
  limit: positive.optional(),
  /** Of embeddings and hidden states. */
  width: positive,
  /** Texts that are read side by side. */
  batch: positive,
  /** Words of a window: through so many steps gradients flow back. */
  bptt: z.int().min(4),
  /** Columns that the validation text is evaluated in. */
  validationBatch: positive,
  /** Probabilities of being dropped: of words, of embeddings, of the cell's inputs, of its states, of its outputs. */
  dropout: z.object({ rows: share, emb: share, x: share, h: share, out: share }),
  /** Weights of the penalties: on large outputs, and on outputs that change fast. */
  activity: rate,
  slowness: rate,
};

const languageSchema = z.object(languageOptions);
export type LanguageSettings = z.infer<typeof languageSchema>;

/** Merity et al. 2018, as DARTS has it for Penn Treebank. */
export const ptbRegularisation = {
  dropout: { rows: 0.1, emb: 0.2, x: 0.75, h: 0.25, out: 0.75 },
  activity: 0,
  slowness: 1e-3,
} as const;
