// What a run sees of a picture: one of these, of one size, as bytes. A view is plain data, so that a thread that reads pictures can
// be told; where chance decides, it says by which seed, so that the same view is the same bytes wherever and whenever it is made.
import { openStream } from '../../random.js';
import { type Picture, planesOf } from '../picture.js';
import { resizeBilinear } from '../resize.js';
import { centreCrop } from './centre-crop.js';
import { drawJitter, type Jitter, jitter } from './colour-jitter.js';
import { fitted } from './fit.js';
import { mirror } from './mirror.js';
import { type AreaRange, drawCrop } from './random-resized-crop.js';

/** The whole picture in a square. */
export interface FitView {
  readonly kind: 'fit';
  readonly size: number;
}

/** The middle of it, as networks are tested with ImageNet. */
export interface CentreView {
  readonly kind: 'centre';
  /** Of the shorter side, before the crop. */
  readonly resize: number;
  readonly crop: number;
}

/** Some of it, as networks are trained with ImageNet. */
export interface RandomCropView {
  readonly kind: 'random-crop';
  readonly size: number;
  readonly area: AreaRange;
  /** Whether it is mirrored half of the time. */
  readonly flip: boolean;
  readonly jitter?: Jitter;
  /** A whole number that chance begins with. */
  readonly seed: number;
}

export type PictureView = FitView | CentreView | RandomCropView;

/** Height and width of what is seen. */
export function viewSize(view: PictureView): number {
  return view.kind === 'centre' ? view.crop : view.size;
}

/** u8[3, size, size] of a picture of three channels, which may be changed meanwhile. */
export function seen(picture: Picture, view: PictureView): Uint8Array {
  return planesOf(pictureSeen(picture, view));
}

function pictureSeen(picture: Picture, view: PictureView): Picture {
  if (view.kind === 'fit') return fitted(picture, view.size);
  if (view.kind === 'centre') return centreCrop(picture, view);
  // In the order of torchvision's recipe: crop, mirror, colours.
  const stream = openStream(view.seed, 'view');
  const box = drawCrop(picture, view.area, stream);
  const flipped = view.flip && stream.uniform() < 0.5;
  const drawn = view.jitter === undefined ? [] : drawJitter(view.jitter, stream);
  const square = resizeBilinear(picture, { height: view.size, width: view.size }, box);
  if (flipped) mirror(square);
  jitter(square, drawn);
  return square;
}
