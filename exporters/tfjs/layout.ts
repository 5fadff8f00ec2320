// Where elements lie. The graph is logical NCHW; TensorFlow.js computes in NHWC, so every value of rank 4 stands there
// with its channels last, and every other value as it is. Kernels go from OIHW to what each convolution reads.
import type { Shape } from '../../graphs/ir.js';
import { elementCount } from '../../graphs/shapes.js';

/** Permutations: axis i of the result is axis `to[i]` of the source. */
export const toNhwc = [0, 2, 3, 1] as const;
export const toNchw = [0, 3, 1, 2] as const;

/** Data whose values are known when the model is exported. */
export interface Data {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** An axis of the graph, as the axis of the same meaning in TensorFlow.js. */
export function storedAxis(axis: number, rank: number): number {
  return rank === 4 ? (toNchw[axis] ?? axis) : axis;
}

/** Things listed by axis of the graph, in the order of the axes in TensorFlow.js. */
export function storedOrder<T>(byAxis: readonly T[]): T[] {
  if (byAxis.length !== 4) return [...byAxis];
  return toNhwc.flatMap((axis) => byAxis.slice(axis, axis + 1));
}

/** Whether the elements of a value of rank 4 come in the same order in both layouts. */
export function sameInBoth([, channels, height, width]: Shape): boolean {
  return channels === 1 || (height === 1 && width === 1);
}

/** A value's elements as they are stored. */
export function storedData(value: Data): Data {
  return value.shape.length === 4 ? permuted(value, toNhwc) : value;
}

/** [O,I,kh,kw] -> [kh,kw,I,O]. */
export function denseKernel(weight: Data): Data {
  return permuted(weight, [2, 3, 1, 0]);
}

/** [C m,1,kh,kw] -> [kh,kw,C,m]: the m kernels of a channel lie side by side in both. */
export function depthwiseKernel({ shape, data }: Data, channels: number): Data {
  const [outputs = 0, , height = 0, width = 0] = shape;
  return permuted({ shape: [channels, outputs / channels, height, width], data }, [2, 3, 0, 1]);
}

/** The elements from `start` to `end` along an axis. */
export function cut({ shape, data }: Data, axis: number, start: number, end: number): Data {
  const extent = shape[axis] ?? 1;
  const inner = elementCount(shape.slice(axis + 1));
  const rows = elementCount(shape.slice(0, axis));
  const size = (end - start) * inner;
  const part = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < size; i++) part[row * size + i] = data[(row * extent + start) * inner + i] ?? 0;
  return { shape: shape.with(axis, end - start), data: part };
}

/** Axis i of the result is axis `permutation[i]` of the source. */
export function permuted({ shape, data }: Data, permutation: readonly number[]): Data {
  const target = permutation.map((axis) => shape[axis] ?? 1);
  const steps = permutation.map((axis) => elementCount(shape.slice(axis + 1)));
  const moved = new Float32Array(elementCount(target));
  const index = target.map(() => 0);
  for (let i = 0, from = 0; i < moved.length; i++) {
    moved[i] = data[from] ?? 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const step = steps[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      from += step;
      if (next < (target[axis] ?? 1)) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      from -= next * step;
    }
  }
  return { shape: target, data: moved };
}
