// Convolutions in blocked layout: depthwise ones of any odd kernel and pointwise ones, forward and backward. All of them
// become convolutions of the runtime's blocked domain, which takes its weights at run time in the layouts
//
//   depthwise  [C/B][kh][kw][B]            dense  [O/B][I/B][kh][kw][B in][B out]
//
// The gradient of a depthwise weight is itself a depthwise convolution: of the padded input, with the cotangent as its
// kernel, in N C groups; the forward stride becomes the dilation and the dilation the stride. Its result lies in memory
// exactly as the weight does, and is summed over the images.
import type { Node, Value } from '../../ir.js';
import { int, ints } from '../emitter.js';
import { halved, isEven, lanes, type Packing, shapeOf, vectors } from './packing.js';
import {
  type BlockedLowering,
  type BlockedRule,
  blocked,
  memory,
  type Placed,
  plain,
  Writer,
} from './rule.js';

type AnyConvolution = Node<'conv2d' | 'conv2dInputGrad' | 'conv2dWeightGrad'>;

interface Depthwise {
  readonly kernel: number;
  readonly stride: 1 | 2;
  readonly dilation: number;
}

/**
 * The geometry, when the convolution is depthwise with a square odd kernel and keeps (or halves) the extent. Both channel
 * counts matter: a dense convolution of one channel to many has as many groups as input channels, too.
 */
function depthwise(
  { attributes }: AnyConvolution,
  kernel: readonly (number | string | undefined)[],
  channels: number,
  outputs: number,
): Depthwise | undefined {
  const { strides, pads, dilations, groups } = attributes;
  const [size, width] = kernel;
  const [stride] = strides;
  const [dilation] = dilations;
  if (typeof size !== 'number' || size !== width || size % 2 === 0) return undefined;
  if (groups !== channels || outputs !== channels) return undefined;
  if (strides[1] !== stride || dilations[1] !== dilation || (stride !== 1 && stride !== 2)) return undefined;
  if (!pads.every((pad) => pad === (dilation * (size - 1)) / 2)) return undefined;
  if (stride === 2 && (dilation > 2 || size === 1)) return undefined;
  return { kernel: size, stride, dilation };
}

function isPointwise(
  { attributes }: AnyConvolution,
  kernel: readonly (number | string | undefined)[],
): boolean {
  const { strides, pads, groups } = attributes;
  return (
    kernel[0] === 1 &&
    kernel[1] === 1 &&
    groups === 1 &&
    strides[0] === 1 &&
    strides[1] === 1 &&
    pads.every((pad) => pad === 0)
  );
}

// -- weights

/** f32[C,1,k,k] in lane order, [lane blocks][k k][B]; `flipped` turns the kernel round. */
export function depthwiseWeight(
  w: Writer,
  weight: string,
  p: Packing,
  kernel: number,
  flipped: boolean,
): string {
  const count = lanes(p);
  const extended = w.extend(weight, p, 4, 0);
  const tiled = p.packed === 1 ? extended : w.one('Tile', [extended, w.low.emit.int64([p.packed, 1, 1, 1])]);
  const taps = kernel * kernel;
  const byLane = w.transpose(w.reshape(tiled, [count / p.block, p.block, taps]), [0, 2, 1]);
  const turned = flipped ? w.slice(byLane, [-1], [-taps - 1], [1], [-1]) : byLane;
  return w.reshape(turned, [count, 1, kernel, kernel]);
}

/** The identity I_P as [P,1,P,1], for block-diagonal weights. */
function identity(w: Writer, packed: number): string {
  const values = new Float32Array(packed * packed);
  for (let i = 0; i < packed; i++) values[i * packed + i] = 1;
  return w.low.emit.float32(values, [packed, 1, packed, 1]);
}

/** Maps of a pointwise weight's rows and columns, and how many images share a block. */
interface Pointwise {
  readonly outputs: Packing;
  readonly inputs: Packing;
  readonly packed: number;
}

/** I_P (x) W of W f32[O,I,...], continued with zeros, as [P O / B, B, P I / B, B] of what is stored. */
function blockDiagonal(w: Writer, weight: string, { outputs, inputs, packed }: Pointwise): string {
  const extended = w.extend(w.extend(weight, outputs, 4, 0), inputs, 4, 1);
  const whole =
    packed === 1
      ? extended
      : w.mul(w.reshape(extended, [1, outputs.stored, 1, inputs.stored]), identity(w, packed));
  const { block } = w.low;
  return w.reshape(whole, [
    (packed * outputs.stored) / block,
    block,
    (packed * inputs.stored) / block,
    block,
  ]);
}

/** The pointwise kernel in dense layout, or that of its transpose. Shape [P O / B, P I / B, B in, B out]. */
export function pointwiseBlocks(w: Writer, weight: string, sizes: Pointwise, transposed: boolean): string {
  const whole = blockDiagonal(w, weight, sizes);
  return w.transpose(whole, transposed ? [2, 0, 1, 3] : [0, 2, 3, 1]);
}

// -- pointwise convolutions, shared with FactorizedReduce

/** W x at every pixel, or W^T x. The result may be packed more tightly than its own packing: 'memory' then. */
export function pointwise(
  w: Writer,
  x: string,
  weight: string,
  from: Packing,
  to: Packing,
  options: { transposed: boolean; bias?: string | undefined; sum?: string | undefined },
): Placed {
  const packed = Math.max(from.packed, to.packed);
  const [outputs, inputs] = options.transposed ? [from, to] : [to, from];
  const blocks = pointwiseBlocks(w, weight, { outputs, inputs, packed }, options.transposed);
  const kernel = w.reshape(blocks, [packed * to.stored, packed * from.stored, 1, 1]);
  const operands = [from.packed === packed ? x : w.reshape(x, shapeOf(from, packed)), kernel];
  if (options.bias !== undefined || options.sum !== undefined) {
    operands.push(options.bias === undefined ? '' : w.tile(options.bias, { ...to, packed }));
  }
  if (options.sum !== undefined) {
    operands.push(to.packed === packed ? options.sum : w.reshape(options.sum, shapeOf(to, packed)));
  }
  const y = w.nchwc('Conv', operands, { kernel_shape: ints([1, 1]) });
  return to.packed === packed ? blocked(y) : memory(y);
}

/** sum over images and pixels of dy x^T, f32[O,I]. */
export function pointwiseWeightGrad(w: Writer, x: string, dy: string, from: Packing, to: Packing): string {
  const packed = Math.max(from.packed, to.packed);
  const images = from.images / packed;
  const pixels = from.height * from.width;
  const { block } = from;
  if (packed === 1 && (from.stored > block || to.stored > block)) {
    const rows = (tensor: string, p: Packing): string =>
      w.reshape(w.nchwc('ReorderOutput', [w.reshape(tensor, shapeOf(p, 1))], { channels: int(p.channels) }), [
        images,
        p.channels,
        pixels,
      ]);
    return w.reduceSum(w.contributed('FusedMatMul', [rows(dy, to), rows(x, from)], { transB: int(1) }), [0]);
  }
  if (packed === 1) {
    const parts = (images * pixels) % 4 === 0 ? 4 : 1;
    const rows = (tensor: string): string => w.reshape(tensor, [parts, (images * pixels) / parts, block]);
    const summed = w.reduceSum(w.contributed('FusedMatMul', [rows(dy), rows(x)], { transA: int(1) }), [0]);
    return w.crop(w.crop(summed, to, 0), from, 1);
  }
  const outer = (packed * to.stored) / block;
  const inner = (packed * from.stored) / block;
  const products = w.contributed(
    'FusedMatMul',
    [w.reshape(dy, [images, outer, 1, pixels, block]), w.reshape(x, [images, 1, inner, pixels, block])],
    { transA: int(1) },
  );
  const summed = w.transpose(w.reduceSum(products, [0]), [0, 2, 1, 3]);
  const byImage = w.reshape(summed, [packed, to.stored, packed, from.stored]);
  const sameImage = w.reduceSum(w.mul(byImage, identity(w, packed)), [0, 2]);
  return w.crop(w.crop(sameImage, to, 0), from, 1);
}

// -- depthwise convolutions

function depthwiseAttributes(p: Packing, kernel: number, dilation: number, stride: number) {
  const pad = (dilation * (kernel - 1)) / 2;
  return {
    group: int(lanes(p)),
    kernel_shape: ints([kernel, kernel]),
    pads: ints([pad, pad, pad, pad]),
    dilations: ints([dilation, dilation]),
    strides: ints([stride, stride]),
  };
}

function depthwiseForward(
  w: Writer,
  x: string,
  weight: string,
  p: Packing,
  { kernel, stride, dilation }: Depthwise,
): Placed {
  if (stride === 2 && dilation === 2) {
    // All taps of all outputs lie on even rows and columns: an undilated convolution of those.
    const half = halved(p);
    const even = w.reshape(w.everySecond(x, p, 0), shapeOf(half));
    return blocked(
      w.nchwc(
        'Conv',
        [even, depthwiseWeight(w, weight, half, kernel, false)],
        depthwiseAttributes(half, kernel, 1, 1),
      ),
    );
  }
  const kernelLanes = depthwiseWeight(w, weight, p, kernel, false);
  return blocked(w.nchwc('Conv', [x, kernelLanes], depthwiseAttributes(p, kernel, dilation, stride)));
}

/** Stride 1: a convolution with the kernel turned round. Stride 2: the same after putting the skipped zeros back. */
function depthwiseInputGrad(
  w: Writer,
  dy: string,
  weight: string,
  p: Packing,
  { kernel, stride, dilation }: Depthwise,
): Placed {
  const turned = depthwiseWeight(w, weight, p, kernel, true);
  if (stride === 1)
    return blocked(w.nchwc('Conv', [dy, turned], depthwiseAttributes(p, kernel, dilation, 1)));
  const half = halved(p);
  if (dilation === 2) {
    const dense = w.nchwc('Conv', [dy, turned], depthwiseAttributes(half, kernel, 1, 1));
    return memory(w.zeroInsert(dense, half));
  }
  const spread = w.reshape(w.zeroInsert(dy, half), shapeOf(p));
  return blocked(w.nchwc('Conv', [spread, turned], depthwiseAttributes(p, kernel, 1, 1)));
}

/** Zeros around the map, through a depthwise convolution with ones: twice as fast as Pad here. */
function padAround(w: Writer, x: string, p: Packing, before: number, after: number): string {
  const count = lanes(p);
  const ones = w.low.emit.float32(new Float32Array(count).fill(1), [count, 1, 1, 1]);
  return w.nchwc('Conv', [x, ones], {
    group: int(count),
    kernel_shape: ints([1, 1]),
    pads: ints([before, before, after, after]),
  });
}

function depthwiseWeightGrad(
  w: Writer,
  x: string,
  dy: string,
  p: Packing,
  { kernel, stride, dilation }: Depthwise,
): string {
  const groups = vectors(p);
  const out = stride === 2 ? halved(p) : p;
  const pad = (kernel - 1) / 2;
  const asKernel = w.reshape(dy, [groups, 1, out.height, out.width]);
  const correlate = (
    padded: string,
    height: number,
    width: number,
    attributes: Record<string, readonly number[]>,
  ): string =>
    w.nchwc('Conv', [w.reshape(padded, [1, groups, height, width]), asKernel], {
      group: int(groups),
      kernel_shape: ints([out.height, out.width]),
      ...Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, ints(values)])),
    });
  let taps: string;
  if (stride === 2 && dilation === 2) {
    const even = padAround(w, w.reshape(w.everySecond(x, p, 0), shapeOf(out)), out, pad, pad);
    taps = correlate(even, out.height + 2 * pad, out.width + 2 * pad, {});
  } else if (stride === 2) {
    // The last row and column of padding are never read at an even extent.
    const padded = padAround(w, x, p, pad, pad - 1);
    taps = correlate(padded, p.height + 2 * pad - 1, p.width + 2 * pad - 1, { dilations: [2, 2] });
  } else {
    const wide = pad * dilation;
    const padded = padAround(w, x, p, wide, wide);
    taps = correlate(padded, p.height + 2 * wide, p.width + 2 * wide, { strides: [dilation, dilation] });
  }
  const count = lanes(p);
  const summed = w.reduceSum(w.reshape(taps, [groups / count, count * kernel * kernel]), [0]);
  const byLane = w.transpose(w.reshape(summed, [count / p.block, kernel * kernel, p.block]), [0, 2, 1]);
  const byChannel =
    p.packed === 1 ? byLane : w.reduceSum(w.reshape(byLane, [p.packed, p.stored * kernel * kernel]), [0]);
  return w.crop(w.reshape(byChannel, [p.stored, 1, kernel, kernel]), p, 0);
}

// -- rules

export const conv2d: BlockedRule<'conv2d'> = (node, low) => convolve(node, low, undefined);

/** A forward convolution, added onto `sum` where one is given. */
export function convolve(
  node: Node<'conv2d'>,
  low: BlockedLowering,
  sum: string | undefined,
): readonly Placed[] | undefined {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || weight === undefined || y === undefined) return undefined;
  const from = low.packing(x);
  const to = low.packing(y);
  if (from === undefined || to === undefined) return undefined;
  const w = new Writer(low, node.path);
  const kernel = weight.shape.slice(2);
  if (isPointwise(node, kernel)) {
    const biasName = bias === undefined ? undefined : low.plain(bias);
    return [
      pointwise(w, low.blocked(x), low.plain(weight), from, to, { transposed: false, bias: biasName, sum }),
    ];
  }
  const geometry = depthwise(node, kernel, from.channels, to.channels);
  if (geometry === undefined || bias !== undefined || sum !== undefined) return undefined;
  if (geometry.stride === 2 && !isEven(from)) return undefined;
  return [depthwiseForward(w, low.blocked(x), low.plain(weight), from, geometry)];
}

/** Whether a convolution can be accumulated onto another's result. */
export function accumulates(node: Node<'conv2d'>, low: Pick<BlockedLowering, 'packing'>): boolean {
  const [x, weight] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || weight === undefined || y === undefined) return false;
  return (
    low.packing(x) !== undefined && low.packing(y) !== undefined && isPointwise(node, weight.shape.slice(2))
  );
}

export const conv2dInputGrad: BlockedRule<'conv2dInputGrad'> = (node, low) => {
  const [dy, weight] = node.inputs;
  const [dx] = node.outputs;
  if (dy === undefined || weight === undefined || dx === undefined) return undefined;
  const from = low.packing(dy);
  const to = low.packing(dx);
  if (from === undefined || to === undefined) return undefined;
  const w = new Writer(low, node.path);
  const kernel = weight.shape.slice(2);
  if (isPointwise(node, kernel)) {
    return [pointwise(w, low.blocked(dy), low.plain(weight), from, to, { transposed: true })];
  }
  const geometry = depthwise(node, kernel, to.channels, from.channels);
  if (geometry === undefined || (geometry.stride === 2 && !isEven(to))) return undefined;
  return [depthwiseInputGrad(w, low.blocked(dy), low.plain(weight), to, geometry)];
};

export const conv2dWeightGrad: BlockedRule<'conv2dWeightGrad'> = (node, low) => {
  const [x, dy] = node.inputs;
  if (x === undefined || dy === undefined) return undefined;
  const from = low.packing(x);
  const to = low.packing(dy);
  const w = new Writer(low, node.path);
  const { kernel } = node.attributes;
  if (from === undefined || to === undefined) return columnsWeightGrad(node, low, w, x, dy);
  if (isPointwise(node, kernel)) {
    const grad = pointwiseWeightGrad(w, low.memory(x), low.memory(dy), from, to);
    return [plain(w.reshape(grad, [to.channels, from.channels, 1, 1]))];
  }
  const geometry = depthwise(node, kernel, from.channels, to.channels);
  if (geometry === undefined) return columnsWeightGrad(node, low, w, x, dy);
  if (geometry.stride === 2 && !isEven(from)) return undefined;
  return [plain(depthwiseWeightGrad(w, low.blocked(x), low.memory(dy), from, geometry))];
};

/**
 * The gradient of a stem's weight (few input channels, stride 1): the shifted inputs side by side as columns, times the
 * cotangent, summed over the images.
 */
function columnsWeightGrad(
  node: Node<'conv2dWeightGrad'>,
  low: BlockedLowering,
  w: Writer,
  x: Value,
  dy: Value,
): readonly Placed[] | undefined {
  const { kernel, strides, dilations, groups, pads } = node.attributes;
  const [images, channels, height, width] = x.shape;
  const outputs = dy.shape[1];
  if (groups !== 1 || strides[0] !== 1 || strides[1] !== 1 || dilations[0] !== 1 || dilations[1] !== 1)
    return undefined;
  if (typeof images !== 'number' || typeof channels !== 'number' || typeof outputs !== 'number')
    return undefined;
  if (typeof height !== 'number' || typeof width !== 'number' || channels > 4) return undefined;
  const [outHeight, outWidth] = [dy.shape[2], dy.shape[3]];
  if (typeof outHeight !== 'number' || typeof outWidth !== 'number') return undefined;
  const pixels = outHeight * outWidth;
  const padded = w.one('Pad', [
    low.plain(x),
    low.emit.int64([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]]),
  ]);
  const columns: string[] = [];
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const shifted = w.slice(padded, [i, j], [i + outHeight, j + outWidth], [2, 3], [1, 1]);
      columns.push(w.reshape(shifted, [images, channels, 1, pixels]));
    }
  }
  const size = channels * kernel[0] * kernel[1];
  const matrix = w.reshape(w.one('Concat', columns, { axis: int(2) }), [images, size, pixels]);
  const cotangent = w.reshape(low.plain(dy), [images, outputs, pixels]);
  const products = w.contributed('FusedMatMul', [cotangent, matrix], { transB: int(1) });
  return [plain(w.reshape(w.reduceSum(products, [0]), [outputs, channels, ...kernel]))];
}
