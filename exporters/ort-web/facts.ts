// What the page and the module must know of a model: written into `model.json`, whose type for users of the module is
// `Facts` in `site/classifier.d.ts`. It is read off the graph where the graph tells it, and checked against it elsewhere.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { GenonnxError } from '../../graphs/errors.js';
import { shapeText } from '../../graphs/shapes.js';
import { type OrtWebProvider, runtimePaths } from './runtime.js';

/** Per channel, in units of intensity: 0 is black, 1 is full. */
export interface PixelNormalisation {
  readonly mean: readonly number[];
  /** Positive. */
  readonly standardDeviation: readonly number[];
}

export interface ModelFacts {
  readonly name: string;
  readonly image: { readonly channels: number; readonly height: number; readonly width: number };
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

/** @throws GenonnxError `shape`, `channels`, `usage` where the model cannot classify a picture, or what was given does not fit it. */
export function modelFacts(
  model: BoundGraph,
  { name, metadata, classes, normalisation }: FactsGiven,
  providers: readonly OrtWebProvider[],
): ModelFacts {
  const { batch, ...image } = inputOf(model);
  const count = classCount(model);
  requireLength('labels', classes, count, 'Give one label for each class, or none at all.');
  const perChannel = 'Normalisation has a mean and a standard deviation for each channel of the image.';
  requireLength('means', normalisation?.mean, image.channels, perChannel);
  requireLength('standard deviations', normalisation?.standardDeviation, image.channels, perChannel);
  return {
    name,
    image,
    batch,
    classes: classes ?? Array.from({ length: count }, (_, index) => `class ${index}`),
    normalisation: normalisation ?? null,
    runtimes: runtimePaths(providers),
    metadata,
  };
}

/** Pictures come one at a time, and with one channel or three. */
function inputOf(model: BoundGraph): ModelFacts['image'] & Pick<ModelFacts, 'batch'> {
  const [images, ...others] = fedInputs(model);
  const [batch, channels, height, width] = images?.shape ?? [];
  const isImages = images?.path === 'images' && others.length === 0 && images.shape.length === 4;
  if (!isImages || typeof channels !== 'number' || typeof height !== 'number' || typeof width !== 'number') {
    throw new GenonnxError('shape', 'The model does not take images.', {
      expected: 'one input, images f32[N, C, H, W]',
      found: fedInputs(model)
        .map(({ path, shape }) => `${path} ${shapeText(shape)}`)
        .join(', '),
    });
  }
  if (typeof batch === 'number' && batch !== 1) {
    throw new GenonnxError('shape', 'A browser classifies one picture at a time.', {
      expected: 'a batch that is left open, or of 1',
      found: `a batch of ${batch}`,
      cure: 'Leave the batch open (--batch symbolic).',
    });
  }
  if (channels !== 1 && channels !== 3) {
    throw new GenonnxError('channels', 'A picture cannot be turned into images of this model.', {
      expected: '1 channel (grey) or 3 (red, green, blue)',
      found: `${channels} channels`,
    });
  }
  return { batch: batch === 1 ? 1 : null, channels, height, width };
}

function classCount({ graph }: BoundGraph): number {
  const logits = graph.outputs.find(({ name }) => name === 'logits')?.value;
  const classes = logits?.shape[1];
  if (logits?.shape.length === 2 && typeof classes === 'number') return classes;
  throw new GenonnxError('shape', 'The model does not classify.', {
    expected: 'an output logits f32[N, classes]',
    found: graph.outputs.map(({ name, value }) => `${name} ${shapeText(value.shape)}`).join(', '),
  });
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
