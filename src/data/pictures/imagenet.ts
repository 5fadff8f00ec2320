// What networks are trained on and tested on with ImageNet: views of pictures, and what they are normalised by. The figures are
// those of torchvision's training script, and of DARTS's.
import type { Normalisation } from '../normalise.js';
import type { Jitter } from './colour-jitter.js';
import type { AreaRange } from './random-resized-crop.js';
import type { CentreView, RandomCropView } from './views.js';

/** Of ImageNet's training pictures; what pictures are normalised by everywhere. */
export const imagenetNormalisation: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  standardDeviation: [0.229, 0.224, 0.225],
};

/** What chance does to a training picture, and which part of a test picture is seen. */
export interface ImagenetAugmentation {
  readonly kind: 'imagenet';
  /** Height and width of what a network sees. */
  readonly size: number;
  /** Of the shorter side of a test picture, before its middle is cut out. */
  readonly resize: number;
  /** Of random crops. */
  readonly area: AreaRange;
  readonly jitter: Jitter;
}

export const imagenetAugmentation: ImagenetAugmentation = {
  kind: 'imagenet',
  size: 224,
  resize: 256,
  area: { least: 0.08, most: 1 },
  jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 },
};

/** A training picture by the chance that `seed` begins. */
export function trainingView(
  { size, area, jitter }: ImagenetAugmentation,
  flip: boolean,
  seed: number,
): RandomCropView {
  return { kind: 'random-crop', size, area, flip, jitter, seed };
}

export function testView({ resize, size }: ImagenetAugmentation): CentreView {
  return { kind: 'centre', resize, crop: size };
}
