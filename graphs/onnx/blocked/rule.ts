// What a blocked rule sees and gives. A rule that does not apply to a node (an uneven size, an unusual kernel) returns
// undefined, and the portable one is used; the driver puts the layout conversions in between.
import type { Node, OperationName, Value } from '../../ir.js';
import { type Attributes, floatType } from '../emitter.js';
import type { Lowering } from '../lowering.js';
import { isPadded, lanes, memoryShape, type Packing, vectors } from './packing.js';

/** Where a result stands: in blocked memory with its ONNX shape, in blocked memory under another shape, or plain. */
export type Placed =
  | { readonly layout: 'blocked'; readonly name: string }
  | { readonly layout: 'memory'; readonly name: string }
  | { readonly layout: 'plain'; readonly name: string };

export const blocked = (name: string): Placed => ({ layout: 'blocked', name });
export const memory = (name: string): Placed => ({ layout: 'memory', name });
export const plain = (name: string): Placed => ({ layout: 'plain', name });

export interface BlockedLowering extends Lowering {
  readonly block: number;
  packing(value: Value): Packing | undefined;
  /** The value in blocked memory, under its ONNX shape [N/P, P C, H, W]. */
  blocked(value: Value): string;
  /** The value in blocked memory, under any shape: for those who reshape it anyhow. */
  memory(value: Value): string;
  /** Whether the value comes from a gated region and has no extent where that is closed. */
  mayBeEmpty(value: Value): boolean;
  /** What the fusion plan lets this node take over; see `fusion.ts`. */
  readonly fused: FusionLookup;
  /** A tensor of one number, made once in the main graph. */
  filled(value: number, shape: readonly number[]): string;
}

/** What normalises a map by its channels, in training. */
export type NormOperation = 'batchNorm' | 'batchNormApply';

export interface FusionLookup {
  /** The batch norm's only reader is a ReLU, which it applies itself. */
  appliesRelu(node: Node<NormOperation>): boolean;
  /** The convolutions whose results only this sum reads, to be accumulated one onto the other. */
  convolutionsInto(node: Node): readonly Node[];
  /** The product that only this reduction reads, to be taken as a dot product. */
  productInto(node: Node<'reduceSum'>): Node<'mul'> | undefined;
}

export type BlockedRule<K extends OperationName> = (
  node: Node<K>,
  lowering: BlockedLowering,
) => readonly (Placed | undefined)[] | undefined;

/** Elements of a tensor in another order, some of them several times, or zeros. */
export interface Arrangement {
  /** Equal for equal arrangements of as many elements into the same shape, whose indices are made once. */
  readonly key: string;
  /** Elements that it takes from. */
  readonly size: number;
  readonly shape: readonly number[];
  /** Whether there are places without a source. */
  readonly zeros: boolean;
  /** Which element stands at a place; none where there is zero. */
  readonly source: (place: number) => number | undefined;
}

/** Emission helpers that all rules share: nodes are named after the graph node they come from. */
export class Writer {
  constructor(
    readonly low: BlockedLowering,
    readonly path: string,
  ) {}

  one(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.low.emit.one(this.path, op, inputs, attributes);
  }
  /** An operation of the runtime's blocked domain. */
  nchwc(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.low.emit.one(this.path, op, inputs, attributes, { domain: 'com.microsoft.nchwc' });
  }
  /** An operation of the runtime's contributed domain. */
  contributed(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.low.emit.one(this.path, op, inputs, attributes, { domain: 'com.microsoft' });
  }
  reshape(x: string, shape: readonly number[]): string {
    return this.low.emit.reshape(this.path, x, shape);
  }
  transpose(x: string, permutation: readonly number[]): string {
    return this.one('Transpose', [x], { perm: { ints: permutation } });
  }
  reduceSum(x: string, axes: readonly number[]): string {
    return this.one('ReduceSum', [x, this.low.emit.int64(axes)], { keepdims: { int: 0 } });
  }
  /** The rows of f32[rows, size], added up: f32[size]. */
  sumOfRows(x: string, size: number): string {
    const inputs = [x, this.low.emit.int64([0])];
    const types = [floatType([size])];
    return this.low.emit.one(this.path, 'ReduceSum', inputs, { keepdims: { int: 0 } }, { types });
  }
  /** factor times the mean over the rows of f32[N, C], as a product with a constant vector: f32[C]. */
  meanOfRows(x: string, rows: number, factor = 1): string {
    const weights = this.low.emit.float32(new Float32Array(rows).fill(factor / rows), [rows]);
    return this.one('MatMul', [weights, x]);
  }
  slice(
    x: string,
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps: readonly number[],
  ): string {
    const { emit } = this.low;
    return this.one('Slice', [x, emit.int64(starts), emit.int64(ends), emit.int64(axes), emit.int64(steps)]);
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
  neg(x: string): string {
    return this.one('Neg', [x]);
  }

  // -- blocked building blocks

  /** `x` of rank `rank` with zeros behind the channels of `axis`, as many as are stored. */
  extend(x: string, p: Packing, rank: number, axis: number): string {
    if (!isPadded(p)) return x;
    const ends = new Array<number>(2 * rank).fill(0);
    ends[rank + axis] = p.stored - p.channels;
    return this.one('Pad', [x, this.low.emit.int64(ends)]);
  }

  /** `x` without the stored channels of `axis` that are none. */
  crop(x: string, p: Packing, axis: number): string {
    return isPadded(p) ? this.slice(x, [0], [p.channels], [axis], [1]) : x;
  }

  /** Elements in another order, by one Gather with constant indices. */
  arranged(x: string, { key, size, shape, zeros, source }: Arrangement): string {
    const { emit } = this.low;
    const indices = emit.parts.keyed(`${key}:${size}:${shape.join()}`, () => {
      const places = shape.reduce((a, b) => a * b, 1);
      const taken = BigInt64Array.from({ length: places }, (_, place) => BigInt(source(place) ?? size));
      return emit.parts.constant('const/places', 'int64', shape, new Uint8Array(taken.buffer));
    });
    const elements = this.reshape(x, [size]);
    const axis = { axis: { int: 0 } };
    const read = zeros ? this.one('Concat', [elements, this.low.filled(0, [1])], axis) : elements;
    return emit.one(this.path, 'Gather', [read, indices], {}, { types: [floatType(shape)] });
  }

  /** A per-channel vector f32[C] for all lanes: f32[P S], or another shape of as many elements. */
  tile(vector: string, p: Packing, shape: readonly number[] = [lanes(p)]): string {
    const { channels, stored, packed } = p;
    if (packed === 1) {
      const extended = this.extend(vector, p, 1, 0);
      return shape.length === 1 ? extended : this.reshape(extended, shape);
    }
    return this.arranged(vector, {
      key: `lanes:${stored}`,
      size: channels,
      shape,
      zeros: isPadded(p),
      source: (lane) => (lane % stored < channels ? lane % stored : undefined),
    });
  }

  /** scale x + shift by channel, as a depthwise 1x1 convolution, plus `sum`, then an activation. */
  affine(
    x: string,
    p: Packing,
    { scale, shift, sum, relu = false }: { scale: string; shift?: string; sum?: string; relu?: boolean },
  ): string {
    const lanesCount = lanes(p);
    const weight = this.tile(scale, p, [lanesCount, 1, 1, 1]);
    const inputs = [x, weight];
    if (shift !== undefined || sum !== undefined) inputs.push(shift === undefined ? '' : this.tile(shift, p));
    if (sum !== undefined) inputs.push(sum);
    return this.nchwc('Conv', inputs, {
      group: { int: lanesCount },
      kernel_shape: { ints: [1, 1] },
      ...(relu ? { activation: { text: 'Relu' } } : {}),
    });
  }

  /** sum over pixels of x y for each image and channel, f32[N, C]: a depthwise convolution with y as its kernel. */
  dot(x: string, y: string, p: Packing): string {
    const count = vectors(p);
    const product = this.nchwc(
      'Conv',
      [this.reshape(x, [1, count, p.height, p.width]), this.reshape(y, [count, 1, p.height, p.width])],
      {
        group: { int: count },
        kernel_shape: { ints: [p.height, p.width] },
      },
    );
    return this.crop(this.reshape(product, [p.images, p.stored]), p, 1);
  }

  /** Mean over images and pixels by channel, f32[C]. */
  channelMean(x: string, p: Packing): string {
    return this.meanOfRows(this.pixelMeans(x, p), p.images);
  }

  /** Mean over the pixels of each image, f32[N, C]. */
  pixelMeans(x: string, p: Packing): string {
    return this.crop(this.reshape(this.nchwc('GlobalAveragePool', [x]), [p.images, p.stored]), p, 1);
  }

  /** x[:, :, offset::2, offset::2], in memory shape. */
  everySecond(x: string, p: Packing, offset: 0 | 1): string {
    const inMemory = this.reshape(x, memoryShape(p));
    return this.slice(inMemory, [offset, offset], [p.height, p.width], [1, 2], [2, 2]);
  }

  /** Puts a zero after each pixel and a zero row after each row: the map of a stride-2 output at its input's extent. */
  zeroInsert(x: string, half: Packing): string {
    const pixels = (vectors(half) / half.block) * half.height * half.width;
    const zeros = this.low.filled(0, [pixels, half.block]);
    const wide = this.one('Concat', [this.reshape(x, [pixels, half.block]), zeros], { axis: { int: 1 } });
    const rowSize = half.width * 2 * half.block;
    const rows = pixels / half.width;
    const zeroRows = this.low.filled(0, [rows, rowSize]);
    return this.one('Concat', [this.reshape(wide, [rows, rowSize]), zeroRows], { axis: { int: 1 } });
  }
}
