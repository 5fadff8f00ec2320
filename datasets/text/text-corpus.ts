// What every text looks like once it is in memory, read by one vocabulary. The reader is `corpus.ts`.

/** A text for training, one for choosing, one for the end, as token ids: indices into `vocabulary`. */
export interface TextCorpus {
  readonly name: string;
  /** The words, in the order of their indices. */
  readonly vocabulary: readonly string[];
  readonly train: Uint32Array;
  readonly valid: Uint32Array;
  readonly test: Uint32Array;
  /** File name -> sha256 (hexadecimal) of the bytes that were read. */
  readonly checksums: Readonly<Record<string, string>>;
}
