// What a model must be for a page to classify pictures with it, whoever made it: one input of images, one output with a
// number for each class.
import { GenonnxError } from '../../graphs/errors.js';

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface ClassifierShape {
  /** f32[N, channels, height, width]. */
  readonly input: string;
  readonly image: ImageShape;
  /** Images in every batch, null where any number can be run. */
  readonly batch: 1 | null;
  /** f32[N, classes]. */
  readonly output: string;
  readonly classes: number;
  /** Whether the outputs are probabilities already, and not logits. */
  readonly areProbabilities: boolean;
}

/** Pictures come one at a time. @throws GenonnxError `shape`. */
export function requireSingle(batch: number | string | undefined): 1 | null {
  if (batch === 1) return 1;
  if (typeof batch !== 'number') return null;
  throw new GenonnxError('shape', 'A browser classifies one picture at a time.', {
    expected: 'a batch that is left open, or of 1',
    found: `a batch of ${batch}`,
    cure: 'Leave the `batch` open when the model is compiled or exported.',
  });
}

/** @throws GenonnxError `channels` for images that no picture can be turned into. */
export function requireColours(channels: number): void {
  if (channels === 1 || channels === 3) return;
  throw new GenonnxError('channels', 'A picture cannot be turned into images of this model.', {
    expected: '1 channel (grey) or 3 (red, green, blue)',
    found: `${channels} channels`,
    cure: 'Choose a model of pictures in grey or in colour.',
  });
}

/** @throws GenonnxError `shape` where the model takes images of another size than it is said to. */
export function requireImage(own: ImageShape, asked: ImageShape | undefined): void {
  const text = ({ channels, height, width }: ImageShape): string => `${height}x${width}x${channels}`;
  if (asked === undefined || text(own) === text(asked)) return;
  throw new GenonnxError('shape', 'The model takes images of another size.', {
    where: '`image`',
    expected: text(own),
    found: text(asked),
    cure: 'Leave `image` out: the model says how large its images are.',
  });
}
