// Arithmetic on shapes. Symbolic dimensions pass through untouched; whoever must calculate with one gets an error.
import { GenonnxError } from './errors.js';
import type { Dimension, Pair, Shape, TensorType } from './ir.js';

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The dimension as a number. @throws GenonnxError `shape` when it is symbolic. */
export function fixed(dimension: Dimension | undefined, where: string): number {
  if (typeof dimension === 'number') return dimension;
  throw new GenonnxError('shape', 'A dimension must be known here.', {
    where,
    expected: 'a number',
    found: String(dimension),
    cure: 'Build the graph with a fixed batch.',
  });
}

/** The factors of a dimension: what is known of it, and the names of what is not, in order. */
export function factorsOf(dimension: Dimension): {
  readonly known: number;
  readonly names: readonly string[];
} {
  if (typeof dimension === 'number') return { known: dimension, names: [] };
  const factors = dimension.split('*');
  const numbers = factors.filter((factor) => /^\d+$/.test(factor)).map(Number);
  const names = factors.filter((factor) => !/^\d+$/.test(factor)).sort();
  return { known: elementCount(numbers), names };
}

/** The product of dimensions: a number, or a name such as `64*sequence`. Equal products are equal names. */
export function times(...dimensions: readonly Dimension[]): Dimension {
  const factors = dimensions.map(factorsOf);
  const known = elementCount(factors.map((factor) => factor.known));
  const names = factors.flatMap((factor) => factor.names).sort();
  if (names.length === 0 || known === 0) return known;
  return [...(known === 1 ? [] : [String(known)]), ...names].join('*');
}

/** The size that a dimension stands for; undefined where one of its names is not among the sizes. */
export function sizeOf(dimension: Dimension, sizes: ReadonlyMap<string, number>): number | undefined {
  const { known, names } = factorsOf(dimension);
  return names.reduce<number | undefined>((product, name) => {
    const size = sizes.get(name);
    return product === undefined || size === undefined ? undefined : product * size;
  }, known);
}

/** All dimensions as numbers. @throws GenonnxError `shape` when one is symbolic. */
export function fixedShape(shape: Shape, where: string): number[] {
  return shape.map((dimension) => fixed(dimension, where));
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Checks the rank of an input of `op`. @throws GenonnxError `shape`. */
export function requireRank(type: TensorType, rank: number, op: string): void {
  if (type.shape.length !== rank) {
    throw shapeError(op, `rank ${rank}`, shapeText(type.shape));
  }
}

export function requireSame(a: Shape, b: Shape, op: string): void {
  if (!sameShape(a, b)) throw shapeError(op, shapeText(a), shapeText(b));
}

export function shapeError(where: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('shape', `Shapes do not fit in ${where}.`, { where, expected, found });
}

/** NumPy broadcasting of two shapes. @throws GenonnxError `shape` when they do not fit. */
export function broadcast(a: Shape, b: Shape, op: string): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw shapeError(op, `shapes that broadcast with ${shapeText(a)}`, shapeText(b));
  });
}

/** Extent of a sliding window's output: floor((size + pads - dilation (kernel - 1) - 1) / stride) + 1. */
export function windowExtent(
  size: number,
  kernel: number,
  stride: number,
  before: number,
  after: number,
  dilation: number,
): number {
  return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

export interface WindowGeometry {
  readonly strides: Pair;
  readonly pads: readonly [number, number, number, number];
  readonly dilations?: Pair;
}

/** Output height and width of a window over a feature map. @throws GenonnxError `shape` when it does not fit. */
export function windowOutput(
  shape: Shape,
  kernel: Pair,
  geometry: WindowGeometry,
  op: string,
): [number, number] {
  const { strides, pads, dilations = [1, 1] } = geometry;
  const height = windowExtent(fixed(shape[2], op), kernel[0], strides[0], pads[0], pads[2], dilations[0]);
  const width = windowExtent(fixed(shape[3], op), kernel[1], strides[1], pads[1], pads[3], dilations[1]);
  if (height < 1 || width < 1) {
    throw shapeError(op, `an image of at least ${kernel[0]}x${kernel[1]} after padding`, shapeText(shape));
  }
  return [height, width];
}
