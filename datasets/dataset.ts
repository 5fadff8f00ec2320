// What every data set looks like: bytes as they were stored, nothing normalised, nothing shuffled, all of them in memory, or read
// from their files while they are used. The readers beside this file produce it; `src/data/` turns it into batches.
import type { PictureView } from '../src/data/pictures/views.js';

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

/** Pictures of any size with their labels, in the order of their files, which are read when they are wanted. */
export interface PictureSet {
  /** u32[count], indices into `Dataset.classes`. */
  readonly labels: Uint32Array;
  readonly count: number;
  /** Of what is read. */
  readonly channels: 3;
  /**
   * u8[3, size, size]: what the view shows of picture `index`. Any number of calls may be under way.
   * @throws GenonnxError `data-corrupt`, `data-missing` for a picture that cannot be read.
   */
  read(index: number, view: PictureView): Promise<Uint8Array>;
}

/** In memory, or in files. */
export type AnyImages = ImageSet | PictureSet;

/** Whether images are read from files. */
export function areRead(set: AnyImages): set is PictureSet {
  return 'read' in set;
}

/** A training set and a test set over the same classes. */
export interface Dataset<S extends AnyImages = ImageSet> {
  readonly name: string;
  /** The class labels as a person reads them; their positions are what the labels of images hold. */
  readonly classes: readonly string[];
  readonly train: S;
  /** To choose the best state by, where the data has a part for that. */
  readonly validation?: S;
  readonly test: S;
  /** File name -> sha256 (hexadecimal) of the bytes that were read; folders of pictures have one of their list of files. */
  readonly checksums: Readonly<Record<string, string>>;
  /** How many pictures are left out since they cannot be decoded; absent where nobody looked. */
  readonly leftOut?: number;
  /** Ends the threads that read. */
  close?(): Promise<void>;
}

/** Images of either kind. */
export type ImageDataset = Dataset<AnyImages>;
