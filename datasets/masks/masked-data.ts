// Pictures that have a class for every pixel, as trainings of segmentation take them: bytes as they were stored. They are read
// one by one, since a folder of photographs does not fit into memory.
import type { Normalisation } from '../../src/data/normalise.js';
import type { Picture } from '../../src/data/picture.js';
import type { Size } from '../../src/data/resize.js';
import type { Colour } from './palette.js';

/** A picture, and a mask of the same extent: one channel of indices of classes, or `NO_CLASS`. */
export interface MaskedPicture {
  readonly picture: Picture;
  readonly mask: Picture;
}

/** Pictures with masks, in a fixed order. */
export interface MaskedSet {
  readonly count: number;
  /** Of any picture; whoever pads all of them to this loses none of it. */
  readonly largest: Size;
  /** May be changed by whoever asked for it. @throws GenonnxError `data-missing`, `data-corrupt` for files that cannot be used. */
  read(index: number): Promise<MaskedPicture>;
}

/** A training set and a test set over the same classes, of which the first is the background. */
export interface MaskedData {
  readonly name: string;
  readonly classes: readonly string[];
  /** By which masks are shown. */
  readonly palette: readonly Colour[];
  readonly channels: number;
  readonly normalisation: Normalisation;
  /** In words, what is learnt from: `400 composed scenes`, `trainaug, 10582 images`. */
  readonly trainingSet: string;
  readonly train: MaskedSet;
  readonly test: MaskedSet;
  /** Name -> sha256 (hexadecimal) of what was read, or made. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Ends the threads that read. */
  close?(): Promise<void>;
}
