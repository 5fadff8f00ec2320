// What the page and the module of a model that finds masks must know of it: written into `model.json`, whose type for users of the
// module is `Facts` in `mask-site/segmenter.d.ts`.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { GenonnxError } from '../../graphs/errors.js';
import { shapeText } from '../../graphs/shapes.js';
import { type ImageShape, requireColours, requireSingle } from './classifier-shape.js';
import type { PixelNormalisation } from './facts.js';
import { type OrtWebProvider, runtimePaths } from './runtime.js';

/** Red, green and blue, 0 to 255. */
export type MaskColour = readonly [red: number, green: number, blue: number];

export interface MaskFacts {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly image: ImageShape;
  /** Images in every batch, null where any number can be run. */
  readonly batch: 1 | null;
  readonly classes: readonly string[];
  readonly palette: readonly MaskColour[];
  readonly normalisation: PixelNormalisation | null;
  readonly runtimes: ReturnType<typeof runtimePaths>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Without `classes` they are numbered; without `normalisation` there is none. */
export interface MaskFactsGiven {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly classes?: readonly string[];
  /** A colour for each class, and maybe for more. */
  readonly palette: readonly MaskColour[];
  readonly normalisation?: PixelNormalisation;
}

/** @throws GenonnxError `shape`, `channels` for another model; `usage` where what was given does not fit it. */
export function maskFacts(
  model: BoundGraph,
  { name, metadata, classes, palette, normalisation }: MaskFactsGiven,
  providers: readonly OrtWebProvider[],
): MaskFacts {
  const { image, batch, classes: count } = sizesOf(model);
  requireColours(image.channels);
  requireAsMany('labels', classes?.length, count);
  requireAsMany('colours', Math.min(palette.length, count), count);
  requireAsMany('means', normalisation?.mean.length, image.channels);
  requireAsMany('standard deviations', normalisation?.standardDeviation.length, image.channels);
  return {
    name,
    input: 'images',
    output: 'logits',
    image,
    batch: requireSingle(batch),
    classes: classes ?? Array.from({ length: count }, (_, index) => `class ${index}`),
    palette: palette.slice(0, count),
    normalisation: normalisation ?? null,
    runtimes: runtimePaths(providers),
    metadata,
  };
}

interface MaskSizes {
  readonly image: ImageShape;
  readonly batch: number | string | undefined;
  readonly classes: number;
}

/** One input of images, and logits of the same extent. */
function sizesOf(model: BoundGraph): MaskSizes {
  const fed = fedInputs(model);
  const [batch, channels, height, width] = fed[0]?.shape ?? [];
  const logits = model.graph.outputs.find(({ name }) => name === 'logits')?.value.shape ?? [];
  const classes = logits[1];
  const areNumbers = typeof channels === 'number' && typeof height === 'number' && typeof width === 'number';
  const fits = fed.length === 1 && fed[0]?.path === 'images' && logits[2] === height && logits[3] === width;
  if (areNumbers && fits && typeof classes === 'number') {
    return { image: { channels, height, width }, batch, classes };
  }
  throw new GenonnxError('shape', 'The model finds no masks.', {
    expected: 'one input, images f32[N, C, H, W], and an output logits f32[N, classes, H, W]',
    found: [
      ...fed.map(({ path, shape }) => `${path} ${shapeText(shape)}`),
      ...model.graph.outputs.map(({ name, value }) => `${name} ${shapeText(value.shape)}`),
    ].join(', '),
  });
}

function requireAsMany(what: string, found: number | undefined, expected: number): void {
  if (found === undefined || found === expected) return;
  throw new GenonnxError('usage', `The ${what} do not fit the model.`, {
    expected: `${expected} ${what}`,
    found: String(found),
    cure: 'Give what the model was trained with, or leave it out.',
  });
}
