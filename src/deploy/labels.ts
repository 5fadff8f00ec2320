// What a model says of its data: the names of its classes, and how pictures are normalised. Written into the metadata
// when it is compiled, read from there when it is shipped.
import { z } from 'zod';
import type { Colour } from '../../datasets/masks/palette.js';
import type { Normalisation } from '../data/normalise.js';
import type { CentreView, FitView } from '../data/pictures/views.js';
import { GenonnxError } from '../errors.js';

const labelsSchema = z.array(z.string());
const normalisationSchema = z.object({
  mean: z.array(z.number()),
  standardDeviation: z.array(z.number().positive()),
});

const pixels = z.int().min(1);
const preprocessingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fit'), size: pixels }),
  z.object({ kind: z.literal('centre'), resize: pixels, crop: pixels }),
]);
const byte = z.int().min(0).max(255);
const paletteSchema = z.array(z.tuple([byte, byte, byte]));

export interface DataFacts {
  readonly classes?: readonly string[];
  readonly normalisation?: Normalisation;
  /** What is seen of pictures, before they are normalised. */
  readonly preprocessing?: FitView | CentreView;
  /** Red, green and blue of each class, where masks are shown. */
  readonly palette?: readonly Colour[];
}

/** Class names, normalisation and colours in a model's metadata. @throws GenonnxError `model-corrupt` for other forms of them. */
export function dataFactsIn(metadata: ReadonlyMap<string, string>, where: string): DataFacts {
  const read = <T>(key: string, schema: z.ZodType<T>): T | undefined => {
    const text = metadata.get(key);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new GenonnxError('model-corrupt', 'What the model says of its data cannot be read.', {
      where: `${where}: metadata ${key}`,
      found: text.slice(0, 80),
      cure: 'Compile the model again.',
    });
  };
  const classes = read('classes', labelsSchema);
  const normalisation = read('normalisation', normalisationSchema);
  const preprocessing = read('preprocessing', preprocessingSchema);
  const palette = read('palette', paletteSchema);
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(normalisation === undefined ? {} : { normalisation }),
    ...(preprocessing === undefined ? {} : { preprocessing }),
    ...(palette === undefined ? {} : { palette }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Class names, one a line or as a JSON list. */
export function parseLabels(text: string): string[] {
  const json = labelsSchema.safeParse(parseJson(text));
  return json.success ? json.data : text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** @throws GenonnxError `usage` where there is not one label for each class. */
export function requireLabels(labels: readonly string[], classes: number): void {
  if (labels.length === classes) return;
  throw new GenonnxError('usage', 'There must be one label for each class.', {
    where: '`labels`',
    expected: `${classes} labels`,
    found: String(labels.length),
    cure: 'Complete the list: one label a line, or all as a JSON list; or check `classes`.',
  });
}

/** @throws GenonnxError `usage` where there is not one number for each channel, or a deviation that is not positive. */
export function requireNormalisation({ mean, standardDeviation }: Normalisation, channels: number): void {
  const fits = mean.length === channels && standardDeviation.length === channels;
  if (fits && standardDeviation.every((value) => value > 0)) return;
  throw new GenonnxError('usage', 'Normalisation needs a mean and a positive deviation for each channel.', {
    expected: `${channels} numbers each, of intensities from 0 to 1`,
    found: `\`mean\` ${mean.join() || 'none'}, \`standardDeviation\` ${standardDeviation.join() || 'none'}`,
    cure: 'Give both for each channel, for example 0.49,0.48,0.45 and 0.25,0.24,0.26.',
  });
}
