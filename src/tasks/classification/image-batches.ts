// Batches of images as the feeds of a step: f32[N,C,H,W] `images`, i64[N] `labels`, and f32[N] `weights`, whose sum is 1.
import type { Dataset, ImageSet } from '../../../datasets/dataset.js';
import type { Augmentation } from '../../data/augment.js';
import {
  type Batch,
  type BatchOptions,
  batchExtent,
  evaluationBatches,
  trainingBatches,
} from '../../data/batches.js';
import { measureNormalisation } from '../../data/normalise.js';
import type { Extent } from '../../data/render.js';
import type { Feeds } from '../../engines/engine.js';
import type { BatchSource, BatchSourceState, FedBatch } from '../../loop/batch-source.js';
import { openStream, type RandomStream } from '../../random.js';

export interface ImageSettings {
  readonly seed: number;
  readonly batch: number;
  readonly padTo?: number | undefined;
  readonly cropPadding: number;
  readonly flip: boolean;
  readonly cutout: number;
}

/** How images of a data set become batches: all by the normalisation of the training images. */
export type BatchForm = Omit<BatchOptions, 'set' | 'indices'>;

export function batchForm({ train }: Dataset, { batch, padTo }: ImageSettings): BatchForm {
  const form = { normalisation: measureNormalisation(train), batchSize: batch };
  return padTo === undefined ? form : { ...form, padTo };
}

/** The extent and channels of the images that a network sees. @throws GenonnxError `image-size`. */
export function networkImage(
  { train }: Dataset,
  { padTo }: Pick<ImageSettings, 'padTo'>,
): Extent & { readonly channels: number } {
  const extent = batchExtent(padTo === undefined ? { set: train } : { set: train, padTo });
  return { channels: train.channels, ...extent };
}

/** What a step is fed beside images, drawn from the stream `name`: masks of paths, say. */
export interface ImageNoise {
  readonly name: string;
  feeds(epoch: number, stream: RandomStream): Feeds;
}

/** Shuffled and augmented, from the stream `name` of the seed. @throws GenonnxError as `trainingBatches`. */
export function imageBatches(
  form: BatchForm & { readonly set: ImageSet; readonly indices: Uint32Array },
  name: string,
  { seed, cropPadding, flip, cutout }: ImageSettings,
  saved?: BatchSourceState,
  noise?: ImageNoise,
): BatchSource {
  const augmentation: Augmentation = { cropPadding, flip, cutout };
  const images = openStream(seed, name, saved?.streams[name]);
  const batches = trainingBatches({ ...form, augmentation }, images, saved?.cursor);
  const extent = batchExtent(form);
  const noisy = noise && { noise, stream: openStream(seed, noise.name, saved?.streams[noise.name]) };
  return {
    next(epoch) {
      const batch = fedBatch(batches.next(), form.set.channels, extent);
      const fed = { ...batch, done: batches.done() };
      if (noisy === undefined) return fed;
      return { ...fed, feeds: { ...fed.feeds, ...noisy.noise.feeds(epoch, noisy.stream) } };
    },
    state() {
      const streams = {
        [name]: images.state(),
        ...(noisy === undefined ? {} : { [noisy.noise.name]: noisy.stream.state() }),
      };
      const cursor = batches.cursor();
      return cursor === undefined ? { streams } : { streams, cursor };
    },
  };
}

/** All images once, in order. @throws GenonnxError as `evaluationBatches`, at the call. */
export function imagesInOrder(options: BatchOptions): Iterable<FedBatch> {
  const batches = evaluationBatches(options);
  const extent = batchExtent(options);
  return {
    *[Symbol.iterator]() {
      for (const batch of batches) yield fedBatch(batch, options.set.channels, extent);
    },
  };
}

function fedBatch(batch: Batch, channels: number, { height, width }: Extent): FedBatch {
  const images = batch.labels.length;
  return {
    examples: batch.count,
    feeds: {
      images: { shape: [images, channels, height, width], data: batch.images },
      labels: { shape: [images], data: batch.labels },
      weights: { shape: [images], data: batch.weights },
    },
  };
}
