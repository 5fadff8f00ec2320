// Batches of one fixed size, as the step graphs want them. Training batches are shuffled and augmented from a random
// stream and drop the incomplete last batch; evaluation batches come in order and fill the last one up with weightless
// images. Every batch is made of fresh arrays, which the receiver may keep or hand to a worker.
import type { ImageSet } from '../../datasets/dataset.js';
import { GenonnxError } from '../errors.js';
import type { RandomStream } from '../random.js';
import { type Augmentation, checkAugmentation, drawTransform, IDENTITY, type Transform } from './augment.js';
import { type BatchCursor, epochOrder } from './epoch-order.js';
import { type Normalisation, normalisationTable } from './normalise.js';
import { type Extent, renderImage } from './render.js';

export interface Batch {
  /** f32[N, C, H, W], normalised. */
  readonly images: Float32Array;
  /** i64[N]. */
  readonly labels: BigInt64Array;
  /** f32[N]: 1/count for real examples, 0 for those that only fill up, so that the sum is 1. */
  readonly weights: Float32Array;
  /** How many examples are real; they come first. */
  readonly count: number;
}

/** Which images to make batches of, and how. */
export interface BatchOptions {
  readonly set: ImageSet;
  /** Indices into `set`. */
  readonly indices: Uint32Array;
  readonly normalisation: Normalisation;
  /** N. */
  readonly batchSize: number;
  /** Pad images with black, evenly on all sides, to this height and width. */
  readonly padTo?: number;
}

export interface TrainingOptions extends BatchOptions {
  readonly augmentation?: Augmentation;
}

export interface TrainingBatches {
  readonly batchesPerEpoch: number;
  /** How much of the epoch is taken with the batches so far: 1 behind its last one. */
  done(): number;
  /** The next batch, without end: after an epoch's last batch a new epoch begins. */
  next(): Batch;
  /** What is left of the current epoch; between epochs, the whole next one. Stopping early leaves the rest for later. */
  epoch(): Generator<Batch, void, undefined>;
  /** Undefined between epochs, when the stream's state says it all. */
  cursor(): BatchCursor | undefined;
}

/**
 * Shuffled, augmented batches that draw from `stream`, which must serve nothing else. To resume, open the stream at its
 * saved state and pass the cursor saved with it. Throws `usage` for a batch size that is no positive integer or exceeds
 * the number of indices, an index outside the set, or an impossible augmentation; `channels` for a normalisation of
 * other images; `image-size` for a `padTo` below the images' extent;
 * `resume-mismatch` for a cursor that cannot belong to these batches.
 */
export function trainingBatches(
  options: TrainingOptions,
  stream: RandomStream,
  cursor?: BatchCursor,
): TrainingBatches {
  const { indices, batchSize, augmentation = {} } = options;
  const assemble = assembler(options);
  checkAugmentation(augmentation);
  const { extent } = assemble;
  const order = epochOrder(indices, batchSize, stream, cursor);
  const transform = () => drawTransform(augmentation, extent.height, extent.width, stream);
  const next = (): Batch => assemble.batch(order.next(), transform);
  function* epoch(): Generator<Batch, void, undefined> {
    do yield next();
    while (order.cursor() !== undefined);
  }
  return { ...order, next, epoch };
}

/**
 * All images once, in the order of `indices`, without augmentation. The last batch is filled up with zero images of label
 * 0 and weight 0. Throws, at the call, `usage` for a batch size that is no positive integer or an index outside
 * the set; `channels`, `image-size` as above.
 */
export function evaluationBatches(options: BatchOptions): Iterable<Batch> {
  const { indices, batchSize } = options;
  const assemble = assembler(options);
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start < indices.length; start += batchSize) {
        yield assemble.batch(indices.subarray(start, start + batchSize), () => IDENTITY);
      }
    },
  };
}

/** The extent of the images in a batch. Throws `image-size` where `padTo` is below the set's. */
export function batchExtent({ set, padTo }: Pick<BatchOptions, 'set' | 'padTo'>): Extent {
  if (padTo === undefined) return { height: set.height, width: set.width };
  if (Number.isInteger(padTo) && padTo >= set.height && padTo >= set.width)
    return { height: padTo, width: padTo };
  throw new GenonnxError('image-size', 'Images cannot be padded to a smaller extent.', {
    expected: `an integer of at least ${Math.max(set.height, set.width)}`,
    found: String(padTo),
    cure: 'Pad to a larger extent, or not at all.',
  });
}

function assembler(options: BatchOptions) {
  const { set, indices, normalisation, batchSize } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new GenonnxError('usage', 'The batch size is not possible.', {
      where: '`batch`',
      expected: 'a positive integer',
      found: String(batchSize),
      cure: 'Give a positive integer.',
    });
  }
  if (normalisation.mean.length !== set.channels) {
    throw new GenonnxError('channels', 'The normalisation is not made for these images.', {
      expected: `mean and standard deviation of ${set.channels} channels`,
      found: `${normalisation.mean.length}`,
      cure: 'Measure it on the training images of the same data set.',
    });
  }
  const stray = indices.find((index) => index >= set.count);
  if (stray !== undefined) {
    throw new GenonnxError('usage', 'An index points past the last image.', {
      expected: `indices below ${set.count}`,
      found: String(stray),
      cure: 'Split the same set that the batches are made of.',
    });
  }
  const extent = batchExtent(options);
  const table = normalisationTable(normalisation);
  const size = set.channels * extent.height * extent.width;

  function batch(chosen: Uint32Array, transform: () => Transform): Batch {
    const images = new Float32Array(batchSize * size);
    const labels = new BigInt64Array(batchSize);
    const weights = new Float32Array(batchSize).fill(1 / chosen.length, 0, chosen.length);
    chosen.forEach((index, row) => {
      renderImage(set, index, table, transform(), extent, images, row * size);
      labels[row] = BigInt(set.labels[index]!);
    });
    return { images, labels, weights, count: chosen.length };
  }
  return { extent, batch };
}
