// What every data set looks like once it is in memory: bytes as they were stored, nothing normalised, nothing shuffled.
// The readers beside this file produce it; `src/data/` turns it into batches.

/** Images of one extent with their labels, in file order. */
export interface ImageSet {
  /** u8[count, channels, height, width], 0 is black and 255 is full intensity. */
  readonly images: Uint8Array;
  /** u32[count], indices into `Dataset.classes`. */
  readonly labels: Uint32Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A training set and a test set over the same classes. */
export interface Dataset {
  readonly name: string;
  /** The class labels as a person reads them; their positions are what `ImageSet.labels` holds. */
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
  /** File name -> sha256 (hexadecimal) of the bytes that were read. */
  readonly checksums: Readonly<Record<string, string>>;
}
