// What training does to an image by chance, as the DARTS recipe does it: a crop out of the padded image, a mirror image, a
// square cut out. Here the dice are thrown; `render.ts` carries out what they say, so that both can be tested alone.
import { GenonnxError } from '../errors.js';
import type { RandomStream } from '../random.js';

/** Which augmentations to apply; one that is absent is off. */
export interface Augmentation {
  /** Random crop: pad by so many black pixels on each side, then take the former extent at a random place. */
  readonly cropPadding?: number;
  /** Mirror left and right with probability 1/2. */
  readonly flip?: boolean;
  /** Set a square of about this side (2 * floor(side / 2)) around a random pixel to zero, after normalisation. */
  readonly cutout?: number;
}

/** A half-open rectangle of pixels. */
export interface Rectangle {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What happens to one image: pixel (y, x) shows pixel (y + shiftY, x + shiftX), then flip, then cutout. */
export interface Transform {
  readonly shiftY: number;
  readonly shiftX: number;
  readonly flipped: boolean;
  readonly cutout: Rectangle | undefined;
}

export const IDENTITY: Transform = { shiftY: 0, shiftX: 0, flipped: false, cutout: undefined };

/** Throws `usage` unless padding and cutout are whole numbers of pixels, not negative. */
export function checkAugmentation({ cropPadding, cutout }: Augmentation): void {
  for (const [name, pixels] of Object.entries({ cropPadding, cutout })) {
    if (pixels === undefined || (Number.isInteger(pixels) && pixels >= 0)) continue;
    throw new GenonnxError('usage', 'The augmentation is not possible.', {
      where: name,
      expected: 'a whole number of pixels, 0 or more',
      found: String(pixels),
      cure: 'Give such a number, or 0 to switch it off.',
    });
  }
}

/**
 * Draws the transform of one image of `height` x `width` pixels. Draws only for what is switched on, always in the order
 * crop (down, across), flip, cutout (down, across).
 */
export function drawTransform(
  { cropPadding = 0, flip = false, cutout = 0 }: Augmentation,
  height: number,
  width: number,
  stream: RandomStream,
): Transform {
  const reach = 2 * cropPadding + 1;
  return {
    shiftY: cropPadding > 0 ? stream.integer(reach) - cropPadding : 0,
    shiftX: cropPadding > 0 ? stream.integer(reach) - cropPadding : 0,
    flipped: flip && stream.uniform() < 0.5,
    cutout:
      cutout > 0 ? around(stream.integer(height), stream.integer(width), cutout, height, width) : undefined,
  };
}

function around(y: number, x: number, side: number, height: number, width: number): Rectangle {
  const half = Math.floor(side / 2);
  return {
    top: Math.max(y - half, 0),
    bottom: Math.min(y + half, height),
    left: Math.max(x - half, 0),
    right: Math.min(x + half, width),
  };
}
