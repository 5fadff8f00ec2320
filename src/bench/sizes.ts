// How much a model is fed at a time: so many images, or so many texts of so many words. Latencies of other sizes do not compare.
export interface Size {
  readonly batch: number;
  /** Words of each text; absent for models of anything else. */
  readonly length?: number | undefined;
}

/** `batch 8`, `batch 8, length 35` */
export function sizeName({ batch, length }: Size): string {
  return length === undefined ? `batch ${batch}` : `batch ${batch}, length ${length}`;
}

/** Examples of a run: images, or words. */
export function examplesOf({ batch, length = 1 }: Size): number {
  return batch * length;
}

/** The words that a language model is fed. */
export interface TextWindow {
  readonly length: number;
  /** Its vocabulary: what token ids are below. */
  readonly words: number;
}
