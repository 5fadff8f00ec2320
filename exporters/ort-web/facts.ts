// What the page and the module must know of a model: written into `model.json`, whose type for users of the module is
// `Facts` in `site/classifier.d.ts`. It is read off the model where the model tells it, and checked against it elsewhere.
import { GenonnxError } from '../../graphs/errors.js';
import type { ClassifierShape, ImageShape } from './classifier-shape.js';
import { type OrtWebProvider, runtimePaths } from './runtime.js';

/** Per channel, in units of intensity: 0 is black, 1 is full. */
export interface PixelNormalisation {
  readonly mean: readonly number[];
  /** Positive. */
  readonly standardDeviation: readonly number[];
}

/**
 * How a picture of any size becomes an image, as the training did it: `fit` the whole picture in a square, or `centre` the central
 * `crop` pixels of the picture whose shorter side has `resize`.
 */
export type PicturePreprocessing =
  | { readonly kind: 'fit'; readonly size: number }
  | { readonly kind: 'centre'; readonly resize: number; readonly crop: number };

export interface ModelFacts {
  readonly name: string;
  /** The names that the model has for its input and its output. */
  readonly input: string;
  readonly output: { readonly name: string; readonly holds: 'logits' | 'probabilities' };
  readonly image: ImageShape;
  /** Images in every batch, null where any number can be run. */
  readonly batch: 1 | null;
  readonly classes: readonly string[];
  readonly normalisation: PixelNormalisation | null;
  /** null where nobody says: the middle of the picture, as the browser scales it. */
  readonly preprocessing: PicturePreprocessing | null;
  readonly runtimes: ReturnType<typeof runtimePaths>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FactsGiven {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly classes?: readonly string[];
  readonly normalisation?: PixelNormalisation;
  readonly preprocessing?: PicturePreprocessing;
}

/** @throws GenonnxError `usage` where what was given does not fit the model. */
export function modelFacts(
  { input, output, image, batch, classes: count, areProbabilities }: ClassifierShape,
  { name, metadata, classes, normalisation, preprocessing }: FactsGiven,
  providers: readonly OrtWebProvider[],
): ModelFacts {
  requireLength('labels', classes, count, 'Give one label for each class, or none at all.');
  const perChannel = 'Normalisation has a mean and a standard deviation for each channel of the image.';
  requireLength('means', normalisation?.mean, image.channels, perChannel);
  requireLength('standard deviations', normalisation?.standardDeviation, image.channels, perChannel);
  if (preprocessing !== undefined) requireSquare(image, preprocessing);
  return {
    name,
    input,
    output: { name: output, holds: areProbabilities ? 'probabilities' : 'logits' },
    image,
    batch,
    classes: classes ?? Array.from({ length: count }, (_, index) => `class ${index}`),
    normalisation: normalisation ?? null,
    preprocessing: preprocessing ?? null,
    runtimes: runtimePaths(providers),
    metadata,
  };
}

function requireLength(
  what: string,
  list: readonly unknown[] | undefined,
  length: number,
  cure: string,
): void {
  if (list === undefined || list.length === length) return;
  throw new GenonnxError('usage', `The ${what} do not fit the model.`, {
    expected: `${length} ${what}`,
    found: String(list.length),
    cure,
  });
}

function requireSquare({ channels, height, width }: ImageShape, preprocessing: PicturePreprocessing): void {
  const size = preprocessing.kind === 'fit' ? preprocessing.size : preprocessing.crop;
  if (channels === 3 && height === size && width === size) return;
  throw new GenonnxError('usage', 'The preprocessing of pictures does not fit the model.', {
    expected: `images of ${size}x${size}x3`,
    found: `${height}x${width}x${channels}`,
    cure: 'Export the model as it was trained.',
  });
}
