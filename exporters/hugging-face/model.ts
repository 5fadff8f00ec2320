// What the layout of the Hugging Face Hub needs to know of a model, described by structure.

/** An image classifier: `images` f32[N,C,H,W] -> `logits` f32[N,classes]. */
export interface HuggingFaceImages {
  readonly task: 'image-classification';
  /** Which network of cells it is. */
  readonly architecture: string;
  readonly cells: number;
  readonly initChannels: number;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
  /** In the order of the logits. */
  readonly classes: readonly string[];
  /** Per channel, of intensities from 0 to 1. */
  readonly normalisation?: {
    readonly mean: readonly number[];
    readonly standardDeviation: readonly number[];
  };
  /** How pictures become images, where that is known: whole in a square, or the middle of what has a shorter side of `resize`. */
  readonly preprocessing?:
    | { readonly kind: 'fit'; readonly size: number }
    | { readonly kind: 'centre'; readonly resize: number; readonly crop: number };
}

/** A language model: `input_ids` and `past_recurrent.0` -> `logits` and `present_recurrent.0`. */
export interface HuggingFaceTexts {
  readonly task: 'text-generation';
  /** Of embeddings and hidden states. */
  readonly width: number;
  /** How a node of the cell joins its operations. */
  readonly combination: string;
  /** In the order of the indices. */
  readonly vocabulary: readonly string[];
}

/** What the model card says. */
export interface ModelCard {
  readonly name: string;
  readonly network: HuggingFaceImages | HuggingFaceTexts;
  /** As text. */
  readonly genotype: string;
  /** What the model says of itself: where it comes from, its costs. */
  readonly metadata: Readonly<Record<string, string>>;
  /** On the test examples, by the names of the metrics, such as accuracy, from 0 to 1. */
  readonly scores: Readonly<Record<string, number>>;
  /** How many test examples there were, where that is known. */
  readonly testExamples?: number;
  /** What else was counted or measured, by names such as `bigramPerplexity`. */
  readonly figures: Readonly<Record<string, number>>;
}
