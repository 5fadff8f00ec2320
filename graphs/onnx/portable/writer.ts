// Emission helpers of the portable rules: standard operators with their attributes spelled out, named after the node.
import type { DType, Shape, TensorType, Value } from '../../ir.js';
import { type Attributes, int, ints, text } from '../emitter.js';
import type { Lowering } from '../lowering.js';

export class Writer {
  constructor(
    readonly low: Lowering,
    readonly path: string,
  ) {}

  /** Emits a node with one result; `type` is written into the model where it carries types. */
  one(op: string, inputs: readonly string[], attributes: Attributes = {}, type?: TensorType): string {
    return this.low.emit.one(this.path, op, inputs, attributes, type === undefined ? {} : { types: [type] });
  }
  reshape(x: string, shape: Shape, dtype: DType = 'float32'): string {
    return this.low.emit.reshape(this.path, x, openShape(shape), [{ shape, dtype }]);
  }
  /** A shape as a vector; what is not known of it is calculated when the model runs. */
  extents(shape: Shape): string {
    const { emit } = this.low;
    const known = shape.filter((size) => typeof size === 'number');
    if (known.length === shape.length) return emit.int64(known);
    const parts = shape.map((size) =>
      typeof size === 'number' ? emit.int64([size]) : this.low.extent(size),
    );
    return this.one('Concat', parts, { axis: int(0) }, { shape: [shape.length], dtype: 'int64' });
  }
  transpose(x: string, permutation: readonly number[], type?: TensorType): string {
    return this.one('Transpose', [x], { perm: ints(permutation) }, type);
  }
  reduceSum(x: string, axes: readonly number[], keepDims = false, type?: TensorType): string {
    return this.one('ReduceSum', [x, this.low.emit.int64(axes)], { keepdims: int(keepDims ? 1 : 0) }, type);
  }
  reduceMean(x: string, axes: readonly number[], keepDims: boolean): string {
    return this.#reduce('ReduceMean', x, axes, keepDims);
  }
  reduceMax(x: string, axes: readonly number[], keepDims: boolean): string {
    return this.#reduce('ReduceMax', x, axes, keepDims);
  }
  /** They take their axes as an attribute until opset 17, and as an input after. */
  #reduce(op: 'ReduceMean' | 'ReduceMax', x: string, axes: readonly number[], keepDims: boolean): string {
    const keepdims = int(keepDims ? 1 : 0);
    if (this.low.opset < 18) return this.one(op, [x], { axes: ints(axes), keepdims });
    return this.one(op, [x, this.low.emit.int64(axes)], { keepdims });
  }
  slice(
    x: string,
    axes: readonly number[],
    starts: readonly number[],
    ends: readonly number[],
    steps?: readonly number[],
    type?: TensorType,
  ): string {
    const { emit } = this.low;
    const inputs = [x, emit.int64(starts), emit.int64(ends), emit.int64(axes)];
    if (steps !== undefined) inputs.push(emit.int64(steps));
    return this.one('Slice', inputs, {}, type);
  }
  /** Pads before and after each axis; with zeros when `value` is absent. */
  pad(
    x: string,
    before: readonly number[],
    after: readonly number[],
    value?: string,
    type?: TensorType,
  ): string {
    const pads = this.low.emit.int64([...before, ...after]);
    return this.one('Pad', value === undefined ? [x, pads] : [x, pads, value], {}, type);
  }
  /** A per-channel vector as [1,C,1,1]. */
  asChannel(vector: string, channels: number): string {
    return this.reshape(vector, [1, channels, 1, 1]);
  }
  /** `x` with each of `rows` added to the row of its index. */
  addRows(x: string, indices: string, rows: string): string {
    const column = this.one('Unsqueeze', [indices, this.low.emit.int64([1])]);
    return this.one('ScatterND', [x, column, rows], { reduction: text('add') });
  }
  mul(a: string, b: string): string {
    return this.one('Mul', [a, b]);
  }
  add(a: string, b: string): string {
    return this.one('Add', [a, b]);
  }
  sub(a: string, b: string): string {
    return this.one('Sub', [a, b]);
  }
}

/** A shape for Reshape: its one symbolic dimension is left to be calculated. */
function openShape(shape: Shape): number[] {
  return shape.map((size) => (typeof size === 'number' ? size : -1));
}

/** The name of an input by its position. */
export function inputName(low: Lowering, inputs: readonly Value[], index: number): string {
  const value = inputs[index];
  if (value === undefined) throw new RangeError(`input ${index}`);
  return low.plain(value);
}

export function valueAt(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`value ${index}`);
  return value;
}
