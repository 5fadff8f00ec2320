// Convolutions in blocked layout: depthwise ones of any odd kernel and pointwise ones, forward and backward. All of them
// become convolutions of the runtime's blocked domain, whose weights are put in order at run time (`weights.ts`).
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
import {
  depthwiseWeight,
  depthwiseWeightOf,
  type Pointwise,
  pointwiseWeight,
  pointwiseWeightOf,
} from './weights.js';

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

// -- pointwise convolutions, shared with FactorizedReduce

/** W x at every pixel, or W^T x. The result may be packed more tightly than its own packing: 'memory' then. */
export function pointwise(
  w: Writer,
  x: string,
  weight: string,
  from: Packing,
  to: Packing,
  options: Pick<Pointwise, 'transposed' | 'rows'> & { bias?: string | undefined; sum?: string | undefined },
): Placed {
  const packed = Math.max(from.packed, to.packed);
  const shape = [packed * to.stored, packed * from.stored, 1, 1];
  const kernel = pointwiseWeight(w, weight, { ...options, from, to, packed }, shape);
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
  const narrower = packed * Math.min(from.stored, to.stored);
  const wide = packed === 1 ? from.stored > block || to.stored > block : narrower > block;
  if (wide && from.packed === to.packed) {
    const rows = (tensor: string, p: Packing): string => {
      const kept = packed === 1 ? p.channels : p.stored;
      const ordered = w.nchwc('ReorderOutput', [w.reshape(tensor, shapeOf(p, packed))], {
        channels: int(packed * kept),
      });
      return w.reshape(ordered, [from.images, kept, pixels]);
    };
    const products = w.contributed('FusedMatMul', [rows(dy, to), rows(x, from)], { transB: int(1) });
    const summed = w.reduceSum(products, [0]);
    return packed === 1 ? summed : w.crop(w.crop(summed, to, 0), from, 1);
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
  return pointwiseWeightOf(w, w.reduceSum(products, [0]), { outputs: to, inputs: from, packed });
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
  const elements = count * kernel * kernel;
  const summed = w.sumOfRows(w.reshape(taps, [groups / count, elements]), elements);
  return depthwiseWeightOf(w, summed, p, kernel);
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
