// Batches of pictures that are read while a run goes on. Which pictures, what chance does to each and in which order is decided here
// and at once; reading and rendering take their time. What comes out is the same as if the pictures had been in memory.
import type { PictureSet } from '../../datasets/dataset.js';
import type { RandomStream } from '../random.js';
import { type Augmentation, drawTransform, IDENTITY, type Transform } from './augment.js';
import type { Batch } from './batches.js';
import { type Normalisation, normalisationTable } from './normalise.js';
import { type ImagenetAugmentation, testView, trainingView } from './pictures/imagenet.js';
import { type PictureView, viewSize } from './pictures/views.js';
import { renderImage } from './render.js';

/** How one picture becomes an image: what is seen of it, and what is done to that. */
export interface PictureDraw {
  readonly view: PictureView;
  readonly transform: Transform;
}

/** How all pictures of a run become images. */
export interface PictureForm {
  /** Height and width. */
  readonly size: number;
  /** Of a training picture, by chance. */
  draw(stream: RandomStream): PictureDraw;
  /** Of any other. */
  readonly plain: PictureDraw;
}

/** The whole picture within a square, then crop, flip and cutout as of images in memory. */
export function fittedForm(size: number, augmentation: Augmentation): PictureForm {
  const view: PictureView = { kind: 'fit', size };
  return {
    size,
    draw: (stream) => ({ view, transform: drawTransform(augmentation, size, size, stream) }),
    plain: { view, transform: IDENTITY },
  };
}

/** One draw from the stream for each picture, from which its own chance begins: pictures differ in how much they ask of it. */
export function imagenetForm(augmentation: ImagenetAugmentation, flip: boolean): PictureForm {
  return {
    size: augmentation.size,
    draw: (stream) => ({
      view: trainingView(augmentation, flip, stream.integer(2 ** 32)),
      transform: IDENTITY,
    }),
    plain: { view: testView(augmentation), transform: IDENTITY },
  };
}

/** Makes a batch of `batchSize` of the pictures `chosen`, at most as many; `draws` are theirs. */
export function pictureBatch(
  set: PictureSet,
  { size }: Pick<PictureForm, 'size'>,
  normalisation: Normalisation,
  batchSize: number,
): (chosen: Uint32Array, draws: readonly PictureDraw[]) => Promise<Batch> {
  const table = normalisationTable(normalisation);
  const { channels } = set;
  const extent = { height: size, width: size };
  return async (chosen, draws) => {
    const images = new Float32Array(batchSize * channels * size * size);
    const labels = new BigInt64Array(batchSize);
    const count = chosen.length;
    const weights = new Float32Array(batchSize).fill(1 / count, 0, count);
    await Promise.all(
      draws.map(async ({ view, transform }, row) => {
        const index = chosen[row]!;
        const read = {
          images: await set.read(index, view),
          channels,
          height: viewSize(view),
          width: viewSize(view),
        };
        renderImage(read, 0, table, transform, extent, images, row * channels * size * size);
        labels[row] = BigInt(set.labels[index]!);
      }),
    );
    return { images, labels, weights, count };
  };
}
