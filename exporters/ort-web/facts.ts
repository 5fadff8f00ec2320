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
  readonly runtimes: ReturnType<typeof runtimePaths>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FactsGiven {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly classes?: readonly string[];
  readonly normalisation?: PixelNormalisation;
}

/** @throws GenonnxError `usage` where what was given does not fit the model. */
export function modelFacts(
  { input, output, image, batch, classes: count, areProbabilities }: ClassifierShape,
  { name, metadata, classes, normalisation }: FactsGiven,
  providers: readonly OrtWebProvider[],
): ModelFacts {
  requireLength('labels', classes, count, 'Give one label for each class, or none at all.');
  const perChannel = 'Normalisation has a mean and a standard deviation for each channel of the image.';
  requireLength('means', normalisation?.mean, image.channels, perChannel);
  requireLength('standard deviations', normalisation?.standardDeviation, image.channels, perChannel);
  return {
    name,
    input,
    output: { name: output, holds: areProbabilities ? 'probabilities' : 'logits' },
    image,
    batch,
    classes: classes ?? Array.from({ length: count }, (_, index) => `class ${index}`),
    normalisation: normalisation ?? null,
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
