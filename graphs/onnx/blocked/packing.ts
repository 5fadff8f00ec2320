// The blocked memory layout (NCHWc) of ONNX Runtime's CPU provider. A feature map of C channels lies in memory as
// [N, C/B, H, W, B]: blocks of B channels together (B = 16 with AVX-512, 8 with AVX).
//
// Where C is no multiple of B, the channels of P = B / gcd(B, C) images are packed side by side: the map is taken as one
// of N/P images with P C channels, lane p C + c of image a being channel c of image a P + p. Elementwise work costs
// nothing extra; per-channel vectors are tiled P times; pointwise weights become block-diagonal, I_P (x) W.
// Maps whose P is larger than `largestPacking`, or whose batch P does not divide, stay in plain layout.
//
// Packing by a multiple of P gives the same memory, so a convolution between maps of different P is taken at the larger
// one, and what changes is only the shape that is written on the tensor.
import type { Value } from '../../ir.js';

export interface Packing {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Images packed into one. */
  readonly packed: number;
  /** The block size. */
  readonly block: number;
}

/** Beyond this, block-diagonal weights waste more than the layout gains. */
const largestPacking = 8;

/** How a value is packed, or undefined when it stays in plain layout. */
export function packingOf(value: Pick<Value, 'shape' | 'dtype'>, block: number): Packing | undefined {
  const [images, channels, height, width] = value.shape;
  if (value.shape.length !== 4 || value.dtype !== 'float32') return undefined;
  if (typeof images !== 'number' || typeof channels !== 'number') return undefined;
  if (typeof height !== 'number' || typeof width !== 'number') return undefined;
  const packed = block / greatestCommonDivisor(block, channels);
  if (packed > largestPacking || images % packed !== 0) return undefined;
  return { images, channels, height, width, packed, block };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The shape that ONNX Runtime sees: [N/P, P C, H, W]. `packed` may be a multiple of the packing's own. */
export function shapeOf({ images, channels, height, width, packed }: Packing, by = packed): number[] {
  return [images / by, by * channels, height, width];
}

/** Channel vectors of all images: N C. */
export function vectors({ images, channels }: Packing): number {
  return images * channels;
}

/** Lanes of one packed image: P C. */
export function lanes({ channels, packed }: Packing): number {
  return channels * packed;
}

/** The memory's own shape: [blocks of all images, H, W, B]. */
export function memoryShape(p: Packing): number[] {
  return [vectors(p) / p.block, p.height, p.width, p.block];
}

/** The packing of a map with half the height and width. */
export function halved(p: Packing): Packing {
  return { ...p, height: p.height / 2, width: p.width / 2 };
}

export function isEven({ height, width }: Packing): boolean {
  return height % 2 === 0 && width % 2 === 0;
}
