// The blocked memory layout (NCHWc) of ONNX Runtime's CPU provider. A feature map of C channels lies in memory as
// [N, S/B, H, W, B]: blocks of B channels together (B = 16 with AVX-512, 8 with AVX).
//
// Where C is no multiple of B, two things make whole blocks: channels of zeros behind each image's own, S >= C of them in
// all, and the channels of P images side by side. The map is taken as one of N/P images with P S channels, where P S is a
// multiple of B: lane p S + c of image a is channel c of image a P + p. Both cost something:
//
//   elementwise and depthwise work grows with the memory, S / C
//   pointwise weights become block-diagonal, I_P (x) W: each lane meets P S others in the place of C
//
// and `pick` takes what costs least: 8 channels lie two images to a block of 16, 36 channels as 48. Lanes of zeros stay zeros
// through every rule: per-channel vectors and weights are continued with zeros, tiled P times, and cut off in results.
// Maps for which P > `largestPacking` would have to be, or whose batch P does not divide, stay in plain layout.
//
// Packing by a multiple of P gives the same memory, so a convolution between maps of different P is taken at the larger
// one, and what changes is only the shape that is written on the tensor.
import type { Value } from '../../ir.js';

export interface Packing {
  readonly images: number;
  readonly channels: number;
  /** Channels in memory, those of zeros included. */
  readonly stored: number;
  readonly height: number;
  readonly width: number;
  /** Images packed into one. */
  readonly packed: number;
  /** The block size. */
  readonly block: number;
}

type Choice = Pick<Packing, 'stored' | 'packed'>;

/** Beyond this, block-diagonal weights waste more than the layout gains. */
const largestPacking = 8;

/**
 * What a lane costs beside its pointwise convolutions, in units of one product with another lane: of a separable convolution
 * with its batch norm, forward and backward. An estimate; `docs/performance.md` says how to measure it.
 */
const laneCost = 48;

/** How a value is packed, or undefined when it stays in plain layout. */
export function packingOf(value: Pick<Value, 'shape' | 'dtype'>, block: number): Packing | undefined {
  const [images, channels, height, width] = value.shape;
  if (value.shape.length !== 4 || value.dtype !== 'float32') return undefined;
  if (typeof images !== 'number' || typeof channels !== 'number') return undefined;
  if (typeof height !== 'number' || typeof width !== 'number') return undefined;
  const choice = pick(images, channels, block);
  return choice === undefined ? undefined : { images, channels, height, width, block, ...choice };
}

/** The cheapest way to make whole blocks; the one that packs more where two cost the same. */
function pick(images: number, channels: number, block: number): Choice | undefined {
  // Whoever has no more channels than these would be stored as mostly zeros.
  if (channels * largestPacking < block) return undefined;
  let best: { readonly choice: Choice; readonly cost: number } | undefined;
  for (let packed = 1; packed <= Math.min(block, largestPacking) && images % packed === 0; packed *= 2) {
    const unit = block / packed;
    const stored = Math.ceil(channels / unit) * unit;
    const cost = stored * (laneCost + packed * stored);
    if (best === undefined || cost <= best.cost) best = { choice: { stored, packed }, cost };
  }
  return best?.choice;
}

/** The shape that ONNX Runtime sees: [N/P, P S, H, W]. `packed` may be a multiple of the packing's own. */
export function shapeOf({ images, stored, height, width, packed }: Packing, by = packed): number[] {
  return [images / by, by * stored, height, width];
}

/** Channel vectors of all images in memory: N S. */
export function vectors({ images, stored }: Packing): number {
  return images * stored;
}

/** Lanes of one packed image: P S. */
export function lanes({ stored, packed }: Packing): number {
  return stored * packed;
}

/** Whether there are channels of zeros. */
export function isPadded({ channels, stored }: Packing): boolean {
  return stored !== channels;
}

/** The memory's own shape: [blocks of all images, H, W, B]. */
export function memoryShape(p: Packing): [number, number, number, number] {
  return [vectors(p) / p.block, p.height, p.width, p.block];
}

/** The packing of a map with half the height and width. */
export function halved(p: Packing): Packing {
  return { ...p, height: p.height / 2, width: p.width / 2 };
}

export function isEven({ height, width }: Packing): boolean {
  return height % 2 === 0 && width % 2 === 0;
}
