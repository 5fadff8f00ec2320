import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Dataset, ImageSet, PictureSet } from '../../../../datasets/dataset.js';
import { imagenetAugmentation, imagenetNormalisation } from '../../../../src/data/pictures/imagenet.js';
import { storedPictures } from '../../../../src/data/pictures/stored-pictures.js';
import type { BatchSource } from '../../../../src/loop/batch-source.js';
import { openStream } from '../../../../src/random.js';
import {
  batchForm,
  type ImageNoise,
  type ImageSettings,
  imageBatches,
  imagesInOrder,
  networkImage,
} from '../../../../src/tasks/classification/image-batches.js';
import { allOf } from '../../../support/batches.js';
import { refusal } from '../../runs/helpers.js';

const size = 8;
const stored: ImageSet = {
  images: Uint8Array.from({ length: 20 * 3 * size * size }, (_, at) => (at * 37) % 251),
  labels: Uint32Array.from({ length: 20 }, (_, i) => 500 * (i % 3)),
  count: 20,
  channels: 3,
  height: size,
  width: size,
};
const settings: ImageSettings = { seed: 3, batch: 4, cropPadding: 2, flip: true, cutout: 3 };
const noise: ImageNoise = {
  name: 'masks',
  feeds: (epoch, stream) => ({ mask: { shape: [2], data: Float32Array.of(epoch, stream.uniform()) } }),
};
const indices = Uint32Array.from({ length: 18 }, (_, i) => 19 - i);

/** The same images as if they were read, each in a time of its own. */
function slow(set: ImageSet): PictureSet {
  const pictures = storedPictures(set);
  return {
    ...pictures,
    async read(index, view) {
      await setTimeout((index * 7) % 5);
      return pictures.read(index, view);
    },
  };
}

const datasetOf = <S extends ImageSet | PictureSet>(set: S): Dataset<S> => ({
  name: 'tiny',
  classes: ['a', 'b', 'c'],
  train: set,
  test: set,
  checksums: {},
});

/** Batches of two and a half epochs, and where the source stood behind each. */
async function taken(source: BatchSource, count = 10, from = 0) {
  const seen: unknown[] = [];
  for (let i = from; i < count; i++) seen.push([await source.next(Math.floor(i / 4)), source.state()]);
  return seen;
}

describe('pictures that are read ahead', () => {
  const dataset = datasetOf(slow(stored));
  const fitting = { ...settings, padTo: size };
  const read = { ...batchForm(dataset, fitting), set: dataset.train, indices };
  const inMemory = { normalisation: imagenetNormalisation, batchSize: 4, set: stored, indices };

  it('are the batches that images in memory are, in the same states', async () => {
    const expected = await taken(imageBatches(inMemory, 'train', settings, undefined, noise));
    expect(await taken(imageBatches(read, 'train', fitting, undefined, noise))).toEqual(expected);
  });

  it('go on anywhere with the same bytes', async () => {
    const whole = await taken(imageBatches(read, 'train', fitting, undefined, noise));
    const first = imageBatches(read, 'train', fitting, undefined, noise);
    await taken(first, 6);
    const saved = JSON.parse(JSON.stringify(first.state()));
    expect(await taken(imageBatches(read, 'train', fitting, saved, noise), 10, 6)).toEqual(whole.slice(6));
  });

  it('are evaluated in order, the last batch filled up', async () => {
    const [found, expected] = [await allOf(imagesInOrder(read)), await allOf(imagesInOrder(inMemory))];
    expect(found).toEqual(expected);
    expect(found.map(({ examples }) => examples)).toEqual([4, 4, 4, 4, 2]);
  });

  it('need an extent', async () => {
    const { details } = await refusal('usage', () => batchForm(dataset, settings));
    expect(details.where).toBe('`padTo`');
    await refusal('usage', () => networkImage(dataset, settings));
    expect(networkImage(dataset, fitting)).toEqual({ channels: 3, height: 8, width: 8 });
  });
});

describe("ImageNet's augmentation", () => {
  const crops = {
    ...settings,
    cropPadding: 0,
    cutout: 0,
    augmentation: { ...imagenetAugmentation, size: 6, resize: 7 },
  };

  it('is the same of pictures in memory and of those that are read, whenever they come', async () => {
    const of = (set: ImageSet | PictureSet) => {
      const dataset = datasetOf(set);
      return imageBatches({ ...batchForm(dataset, crops), set, indices }, 'train', crops, undefined, noise);
    };
    const batches = await taken(of(slow(stored)));
    expect(await taken(of(stored))).toEqual(batches);
    const [first] = batches;
    expect(first).toMatchObject([{ feeds: { images: { shape: [4, 3, 6, 6] } } }, {}]);
  });

  it('takes one number of the stream for each picture, however many a picture asks for', () => {
    const form = batchForm(datasetOf(stored), crops);
    const stream = openStream(1, 'draws');
    const draws = Array.from({ length: 5 }, () => form.pictures!.draw(stream));
    expect(stream.state().count).toBe(5);
    expect(new Set(draws.map(({ view }) => JSON.stringify(view))).size).toBe(5);
  });

  it('is of three channels and of its own extent, whatever the images are', () => {
    const grey = { ...stored, channels: 1, images: stored.images.subarray(0, 20 * size * size) };
    expect(networkImage(datasetOf(grey), crops)).toEqual({ channels: 3, height: 6, width: 6 });
  });
});
