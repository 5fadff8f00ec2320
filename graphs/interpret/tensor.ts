// What the interpreter calculates with: float64 arrays in row-major order, and the few ways to walk them. Nobody writes
// into a tensor that another one made, so tensors may share their data.
import { elementCount, shapeText } from '../shapes.js';

/** Labels and truth values are numbers too. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A tensor from its values in row-major order. @throws RangeError when they are too few or too many. */
export function tensor(shape: readonly number[], values: Iterable<number>): Tensor {
  const data = Float64Array.from(values);
  if (data.length !== elementCount(shape))
    throw new RangeError(`${data.length} values for shape ${shapeText(shape)}`);
  return { shape, data };
}

export function zeroTensor(shape: readonly number[]): Tensor {
  return { shape, data: new Float64Array(elementCount(shape)) };
}

/** An element. Outside of the array it is not a number, which no test overlooks. */
export function at(data: Float64Array, index: number): number {
  return data[index] ?? Number.NaN;
}

export function addTo(data: Float64Array, index: number, term: number): void {
  data[index] = at(data, index) + term;
}

/** Elements of an array that lie a stride apart. */
export interface Row {
  readonly start: number;
  readonly stride: number;
}

/** target[i] += factor source[i] along two rows. */
export function addScaledRow(
  target: Float64Array,
  to: Row,
  factor: number,
  source: Float64Array,
  from: Row,
  count: number,
): void {
  for (let i = 0; i < count; i++)
    addTo(target, to.start + i * to.stride, factor * at(source, from.start + i * from.stride));
}

/** The sum of a[i] b[i] along two rows. */
export function rowProduct(a: Float64Array, rowA: Row, b: Float64Array, rowB: Row, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++)
    sum += at(a, rowA.start + i * rowA.stride) * at(b, rowB.start + i * rowB.stride);
  return sum;
}

/** The extent of an axis. */
export function extent({ shape }: Tensor, axis: number): number {
  const size = shape[axis];
  if (size === undefined) throw new RangeError(`axis ${axis} of ${shapeText(shape)}`);
  return size;
}

/** Elements to the next index along each axis. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}

/** For each element of `shape` in row-major order, the sum of index times stride over the axes. */
export function offsets(shape: readonly number[], strides: readonly number[]): Uint32Array {
  const found = new Uint32Array(elementCount(shape));
  let filled = 1;
  // From the last axis on, what is filled repeats along each axis, moved by its stride.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1;
    const stride = strides[axis] ?? 0;
    for (let index = 1; index < size; index++)
      for (let i = 0; i < filled; i++) found[index * filled + i] = (found[i] ?? 0) + index * stride;
    filled *= size;
  }
  return found;
}

/** Where each element of `shape` finds its operand in a tensor that broadcasts to it. */
export function broadcastOffsets(from: readonly number[], shape: readonly number[]): Uint32Array {
  const own = rowMajorStrides(from);
  const added = shape.length - from.length;
  const strides = shape.map((_, axis) => (from[axis - added] === 1 ? 0 : (own[axis - added] ?? 0)));
  return offsets(shape, strides);
}

/** A tensor seen from one axis: `outer` blocks of `size` rows of `inner` elements. */
export function alongAxis(
  shape: readonly number[],
  axis: number,
): { outer: number; size: number; inner: number } {
  return {
    outer: elementCount(shape.slice(0, axis)),
    size: shape[axis] ?? 1,
    inner: elementCount(shape.slice(axis + 1)),
  };
}

/** A shape with another extent at one axis. */
export function withExtent(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((old, i) => (i === axis ? size : old));
}
