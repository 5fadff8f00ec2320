// What a compiled network may be: the description that a model carries of itself, and sizes beyond which nothing useful
// comes out, so that a slip of the keyboard or a file from elsewhere costs neither minutes nor memory.
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { cellType } from '../networks/cells.js';
import { NETWORK_NAMES } from '../networks/evaluation.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { countOperations } from '../spaces/describe.js';
import type { CellGenotype } from '../spaces/genotype.js';

/** Largest values, for the options of the same names. */
export const networkLimits = {
  cells: 1000,
  channels: 4096,
  classes: 100_000,
  extent: 65_536,
  words: 10_000_000,
  width: 65_536,
} as const;

const extent = z.int().min(1).max(networkLimits.extent);

/** A batch's extent, or the name of the dimension that is left open. */
export const batchSchema = z.union([z.int().min(1), z.string()]);

/** The member `network` of the metadata of an image network, the genotype apart. */
export const networkSchema = z.object({
  name: z.enum(NETWORK_NAMES),
  cells: z.int().min(1).max(networkLimits.cells),
  initChannels: z.int().min(1).max(networkLimits.channels),
  classes: z.int().min(1).max(networkLimits.classes),
  image: z.object({ channels: extent, height: extent, width: extent }),
  auxiliary: z.boolean(),
  batch: batchSchema,
});

/** Numbers in one batch of images: runtimes count elements with 32 bits. */
const mostInputElements = 2 ** 31;

/** @throws GenonnxError `usage` for a batch of images that no runtime takes. */
export function requireModestInput(
  batch: number | string,
  { channels, height, width }: { readonly channels: number; readonly height: number; readonly width: number },
): void {
  const images = typeof batch === 'number' ? batch : 1;
  if (images * channels * height * width <= mostInputElements) return;
  throw new GenonnxError('usage', 'A batch of images would be absurdly large.', {
    expected: 'at most 2^31 numbers',
    found: `${images} x ${channels} x ${height} x ${width}`,
    cure: 'Choose a smaller `batch` or `image`.',
  });
}

/** Operations of all cells together; networks of the papers have some 300. */
const mostOperations = 20_000;

/** @throws GenonnxError `usage` for a genotype and a depth that make more operations than anybody has use for. */
export function requireModestDepth(genotype: ConvolutionalGenotype, cells: number): void {
  requireModestOperations(Array.from({ length: cells }, (_, index) => genotype[cellType(index, cells)]));
}

/** The same, for the cells of a network. @throws GenonnxError `usage`. */
export function requireModestOperations(cells: readonly CellGenotype[]): void {
  const operations = cells.reduce((sum, cell) => sum + countOperations(cell), 0);
  if (operations <= mostOperations) return;
  throw new GenonnxError('usage', 'The network would have absurdly many operations.', {
    expected: `at most ${mostOperations.toLocaleString('en')} in all cells together`,
    found: operations.toLocaleString('en'),
    cure: 'Look at the genotype: it is far larger than those of the papers; or choose fewer `cells`.',
  });
}

/** More float32 weights than this are taken for a slip. */
const mostWeightBytes = 2 ** 33;

/** @throws GenonnxError `memory` for a network of more weights than there is room for. */
export function requireRoomForWeights(
  weights: readonly { readonly size: number }[],
  most: number | undefined,
): void {
  const bytes = weights.reduce((sum, { size }) => sum + 4 * size, 0);
  if (most === undefined || bytes <= most) return;
  throw new GenonnxError('memory', 'The weights of this model would not fit into memory.', {
    expected: `at most ${(most / 2 ** 30).toPrecision(3)} GiB of them`,
    found: `${(bytes / 2 ** 30).toPrecision(3)} GiB`,
    cure: 'Choose fewer `initChannels`, `cells` or `classes`; of a language model fewer `words` or a smaller `width`.',
  });
}

/** @throws GenonnxError `usage` for a network of more weights than make sense. */
export function requireWeightSize(weights: readonly { readonly size: number }[]): void {
  const bytes = weights.reduce((sum, { size }) => sum + 4 * size, 0);
  if (bytes <= mostWeightBytes) return;
  throw new GenonnxError('usage', 'The model would be absurdly large.', {
    expected: 'at most 8 GiB of weights',
    found: `${(bytes / 2 ** 30).toFixed(1)} GiB`,
    cure: 'Choose fewer `initChannels`, `cells` or `classes`; of a language model fewer `words` or a smaller `width`.',
  });
}
