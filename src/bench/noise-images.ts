// Images of noise, for the 8-bit form of a model of which only the latency is asked: its ranges are found, its answers are
// worth nothing.
import type { Dataset, ImageSet } from '../../datasets/dataset.js';
import type { ImageNetwork } from '../networks/deployed.js';
import { openStream } from '../random.js';

const images = 16;

/** Uniform bytes of the network's image size, every class as often as the others. */
export function noiseImages({
  image: { channels, height, width },
  classes,
}: Pick<ImageNetwork, 'image' | 'classes'>): Dataset {
  const stream = openStream(1, 'noise images');
  const set: ImageSet = {
    images: Uint8Array.from({ length: images * channels * height * width }, () => stream.uniform() * 256),
    labels: Uint32Array.from({ length: images }, (_, i) => i % classes),
    count: images,
    channels,
    height,
    width,
  };
  return {
    name: 'noise',
    classes: Array.from({ length: classes }, (_, i) => String(i)),
    train: set,
    test: set,
    checksums: {},
  };
}
