// Pictures with masks as a segmentation network was tested on them, in memory, without the masks: in the upper left corner of images
// as large as the model's, the mean colour beside them.
import type { Dataset, ImageSet } from '../../datasets/dataset.js';
import type { MaskedData, MaskedSet } from '../../datasets/masks/masked-data.js';
import { type Picture, planesOf } from '../data/picture.js';
import type { NetworkSizes } from '../networks/evaluation.js';

/** As many of each as calibration asks for where nobody says, and as say what 8 bits cost. */
const most = { train: 256, test: 200 } as const;

type Extent = NetworkSizes['image'];

/** What lies beyond the images is cut off. */
export async function picturesInMemory(masked: MaskedData, image: Extent): Promise<Dataset> {
  const { name, classes, normalisation, checksums } = masked;
  const mean = Uint8Array.from(normalisation.mean, (intensity) => Math.round(255 * intensity));
  return {
    name,
    classes,
    checksums,
    train: await imagesOf(masked.train, most.train, image, mean),
    test: await imagesOf(masked.test, most.test, image, mean),
  };
}

async function imagesOf(set: MaskedSet, limit: number, image: Extent, mean: Uint8Array): Promise<ImageSet> {
  const count = Math.min(set.count, limit);
  const size = image.height * image.width;
  const images = new Uint8Array(count * image.channels * size);
  for (let index = 0; index < count; index++) {
    const { picture } = await set.read(index);
    images.set(inCorner(picture, image, mean), index * image.channels * size);
  }
  return { images, labels: new Uint32Array(count), count, ...image };
}

/** u8[channels, height, width]. */
function inCorner(picture: Picture, { channels, height, width }: Extent, mean: Uint8Array): Uint8Array {
  const planes = planesOf(picture);
  const whole = new Uint8Array(channels * height * width);
  const [rows, columns] = [Math.min(height, picture.height), Math.min(width, picture.width)];
  for (let channel = 0; channel < channels; channel++) {
    whole.fill(mean[channel] ?? 0, channel * height * width, (channel + 1) * height * width);
    // A grey picture is the same in every channel.
    const from = Math.min(channel, picture.channels - 1) * picture.height;
    for (let row = 0; row < rows; row++) {
      const start = (from + row) * picture.width;
      whole.set(planes.subarray(start, start + columns), (channel * height + row) * width);
    }
  }
  return whole;
}
