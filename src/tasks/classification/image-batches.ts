// Batches of images as the feeds of a step: f32[N,C,H,W] `images`, i64[N] `labels`, and f32[N] `weights`, whose sum is 1. Images in
// memory become batches when they are asked for; pictures of files are read ahead.
import {
  type AnyImages,
  areRead,
  type ImageDataset,
  type ImageSet,
  type PictureSet,
} from '../../../datasets/dataset.js';
import type { Augmentation } from '../../data/augment.js';
import {
  type Batch,
  type BatchOptions,
  batchExtent,
  evaluationBatches,
  trainingBatches,
} from '../../data/batches.js';
import { epochOrder } from '../../data/epoch-order.js';
import { measureNormalisation, type Normalisation } from '../../data/normalise.js';
import { fittedForm, imagenetForm, type PictureForm, pictureBatch } from '../../data/picture-batches.js';
import { type ImagenetAugmentation, imagenetNormalisation } from '../../data/pictures/imagenet.js';
import { storedPictures } from '../../data/pictures/stored-pictures.js';
import type { Extent } from '../../data/render.js';
import type { Feeds } from '../../engines/engine.js';
import { GenonnxError } from '../../errors.js';
import type { BatchSource, BatchSourceState, FedBatch, FedBatches } from '../../loop/batch-source.js';
import { type DrawnSource, madeAhead, madeInOrder } from '../../loop/made-ahead.js';
import { openStream, type RandomStream } from '../../random.js';

export interface ImageSettings {
  readonly seed: number;
  readonly batch: number;
  readonly padTo?: number | undefined;
  readonly cropPadding: number;
  readonly flip: boolean;
  readonly cutout: number;
  readonly augmentation?: ImagenetAugmentation | undefined;
}

/** How images of a data set become batches: all by one normalisation. */
export interface BatchForm extends Omit<BatchOptions, 'set' | 'indices'> {
  /** Where they are pictures of files, or seen as such. */
  readonly pictures?: PictureForm;
}

/** Images of a form, and which of them. */
export interface FormedImages extends BatchForm {
  readonly set: AnyImages;
  readonly indices: Uint32Array;
}

/** Batches that are made while one is used: enough that one picture that takes long does not stop the engine. */
const batchesAhead = 3;

/** @throws GenonnxError `usage` for pictures of files without an extent. */
export function batchForm(dataset: ImageDataset, settings: ImageSettings): BatchForm {
  const { batch, padTo } = settings;
  const pictures = pictureForm(dataset, settings);
  const form = { normalisation: normalisationOf(dataset, settings), batchSize: batch };
  if (pictures !== undefined) return { ...form, pictures };
  return padTo === undefined ? form : { ...form, padTo };
}

/** Of images in memory what is measured on the training images; of pictures that of ImageNet's. */
export function normalisationOf(
  { train }: ImageDataset,
  { augmentation }: Pick<ImageSettings, 'augmentation'>,
): Normalisation {
  return areRead(train) || augmentation !== undefined ? imagenetNormalisation : measureNormalisation(train);
}

function pictureForm(
  { train, name }: ImageDataset,
  { augmentation, padTo, cropPadding, flip, cutout }: Omit<ImageSettings, 'seed' | 'batch'>,
): PictureForm | undefined {
  if (augmentation !== undefined) return imagenetForm(augmentation, flip);
  if (!areRead(train)) return undefined;
  return fittedForm(requireExtent(padTo, name), { cropPadding, flip, cutout });
}

/** The extent and channels of the images that a network sees. @throws GenonnxError `image-size`, `usage`. */
export function networkImage(
  { train, name }: ImageDataset,
  { padTo, augmentation }: Pick<ImageSettings, 'padTo' | 'augmentation'>,
): Extent & { readonly channels: number } {
  const size = augmentation?.size ?? (areRead(train) ? requireExtent(padTo, name) : undefined);
  if (size !== undefined) return { channels: 3, height: size, width: size };
  if (areRead(train)) throw new TypeError('pictures without an extent');
  const extent = batchExtent(padTo === undefined ? { set: train } : { set: train, padTo });
  return { channels: train.channels, ...extent };
}

function requireExtent(padTo: number | undefined, name: string): number {
  if (padTo !== undefined) return padTo;
  throw new GenonnxError('usage', 'Pictures have many sizes, and a network takes one.', {
    where: '`padTo`',
    expected: 'the height and width that every picture is made to fit into, for example 64',
    found: `none, for the pictures in ${name}`,
    cure: 'Say `padTo` 64: larger pictures are scaled down, and what is left is black.',
  });
}

/** What a step is fed beside images, drawn from the stream `name`: masks of paths, say. */
export interface ImageNoise {
  readonly name: string;
  feeds(epoch: number, stream: RandomStream): Feeds;
}

/** Shuffled and augmented, from the stream `name` of the seed. @throws GenonnxError as `trainingBatches`. */
export function imageBatches(
  form: FormedImages,
  name: string,
  settings: ImageSettings,
  saved?: BatchSourceState,
  noise?: ImageNoise,
): BatchSource {
  const { set, pictures, ...rest } = form;
  if (pictures !== undefined) {
    const drawn = { ...rest, set: asPictures(set), pictures };
    return madeAhead((state) => drawnPictures(drawn, name, settings, state, noise), batchesAhead, saved);
  }
  if (areRead(set)) throw new TypeError('pictures without a form');
  return storedBatches({ ...rest, set }, name, settings, saved, noise);
}

function asPictures(set: AnyImages): PictureSet {
  return areRead(set) ? set : storedPictures(set);
}

function storedBatches(
  form: BatchOptions & { readonly set: ImageSet },
  name: string,
  { seed, cropPadding, flip, cutout }: ImageSettings,
  saved?: BatchSourceState,
  noise?: ImageNoise,
): BatchSource {
  const augmentation: Augmentation = { cropPadding, flip, cutout };
  const images = openStream(seed, name, saved?.streams[name]);
  const batches = trainingBatches({ ...form, augmentation }, images, saved?.cursor);
  const extent = batchExtent(form);
  const noisy = noisyStream(noise, seed, saved);
  return {
    next(epoch) {
      const batch = fedBatch(batches.next(), form.set.channels, extent);
      return { ...batch, done: batches.done(), feeds: { ...batch.feeds, ...noisy.feeds(epoch) } };
    },
    state: () => stateOf({ [name]: images, ...noisy.streams }, batches.cursor()),
  };
}

/** Draws of pictures from the same streams, and as many as if they were in memory. */
function drawnPictures(
  {
    set,
    indices,
    normalisation,
    batchSize,
    pictures,
  }: FormedImages & { readonly set: PictureSet; readonly pictures: PictureForm },
  name: string,
  { seed }: ImageSettings,
  saved?: BatchSourceState,
  noise?: ImageNoise,
): DrawnSource {
  const images = openStream(seed, name, saved?.streams[name]);
  const order = epochOrder(indices, batchSize, images, saved?.cursor);
  const make = pictureBatch(set, pictures, normalisation, batchSize);
  const extent = { height: pictures.size, width: pictures.size };
  const noisy = noisyStream(noise, seed, saved);
  return {
    draw(epoch) {
      const chosen = order.next();
      const draws = Array.from(chosen, () => pictures.draw(images));
      const also = noisy.feeds(epoch);
      const done = order.done();
      const made = make(chosen, draws).then((batch) => {
        const { examples, feeds } = fedBatch(batch, set.channels, extent);
        return { examples, done, feeds: { ...feeds, ...also } };
      });
      return { done, made };
    },
    state: () => stateOf({ [name]: images, ...noisy.streams }, order.cursor()),
  };
}

function noisyStream(noise: ImageNoise | undefined, seed: number, saved: BatchSourceState | undefined) {
  if (noise === undefined) return { streams: {}, feeds: (): Feeds => ({}) };
  const stream = openStream(seed, noise.name, saved?.streams[noise.name]);
  return { streams: { [noise.name]: stream }, feeds: (epoch: number) => noise.feeds(epoch, stream) };
}

function stateOf(
  streams: Readonly<Record<string, RandomStream>>,
  cursor: BatchSourceState['cursor'],
): BatchSourceState {
  const states = Object.fromEntries(Object.entries(streams).map(([name, stream]) => [name, stream.state()]));
  return cursor === undefined ? { streams: states } : { streams: states, cursor };
}

/** All images once, in order. @throws GenonnxError as `evaluationBatches`, at the call. */
export function imagesInOrder({ set, pictures, ...form }: FormedImages): FedBatches {
  if (pictures !== undefined) return picturesInOrder({ ...form, set: asPictures(set), pictures });
  if (areRead(set)) throw new TypeError('pictures without a form');
  const options: BatchOptions = { ...form, set };
  const batches = evaluationBatches(options);
  const extent = batchExtent(options);
  return {
    *[Symbol.iterator]() {
      for (const batch of batches) yield fedBatch(batch, set.channels, extent);
    },
  };
}

function picturesInOrder({
  set,
  indices,
  normalisation,
  batchSize,
  pictures,
}: FormedImages & { readonly set: PictureSet; readonly pictures: PictureForm }): FedBatches {
  const make = pictureBatch(set, pictures, normalisation, batchSize);
  const extent = { height: pictures.size, width: pictures.size };
  return madeInOrder(Math.ceil(indices.length / batchSize), batchesAhead, async (at) => {
    const chosen = indices.subarray(at * batchSize, (at + 1) * batchSize);
    const batch = await make(
      chosen,
      Array.from(chosen, () => pictures.plain),
    );
    return fedBatch(batch, set.channels, extent);
  });
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
