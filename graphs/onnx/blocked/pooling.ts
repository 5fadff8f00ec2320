// 3x3 pooling (padding 1, stride 1 or 2) in blocked layout.
//
// The backward pass of max pooling is separable. Rows first: the horizontal maxima of each row are pooled vertically, so
// the cotangent goes down to the first row that attains the maximum, and then, within that row, to its first column:
// together the first maximum in row-major order. In one dimension a window has a left, a centre and a right candidate.
// With p_i = max(x_{i-1}, x_i):
//   right wins    iff  p_{i+1} > p_i            (x_{i+1} exceeds both others)
//   else left wins iff  x_{i-1} >= x_i          (the first of equals)
//   else the centre.
// Comparisons are convolutions with taps (1, -1) whose activation HardSigmoid(1e30 d) is 1 for d > 0 and else 0, and
// HardSigmoid(1e30 d + 1) is 1 for d >= 0.
import type { PoolAttributes } from '../../ir.js';
import { type Attributes, floats, int, ints } from '../emitter.js';
import { halved, isEven, lanes, memoryShape, type Packing, shapeOf, vectors } from './packing.js';
import {
  type BlockedLowering,
  type BlockedRule,
  blocked,
  memory,
  type Placed,
  plain,
  Writer,
} from './rule.js';

type Axis = 'rows' | 'columns';

/** Far below any activation; 1e30 times it is still finite in float32. */
const veryLow = -1e8;

/** The stride, when the pool is 3x3 with padding 1 and (at stride 2) halves evenly. */
function strideOf({ kernel, strides, pads, dilations }: PoolAttributes, p: Packing): 1 | 2 | undefined {
  const [stride] = strides;
  if (dilations?.some((dilation) => dilation > 1)) return undefined;
  const usual = kernel[0] === 3 && kernel[1] === 3 && pads.every((pad) => pad === 1) && strides[1] === stride;
  if (!usual || p.height < 2 || p.width < 2) return undefined;
  if (stride === 1) return 1;
  return stride === 2 && isEven(p) ? 2 : undefined;
}

function poolAttributes(stride: number): Attributes {
  return { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]), strides: ints([stride, stride]) };
}

export const maxPool2d: BlockedRule<'maxPool2d'> = (node, low) => {
  const [x] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  const stride = p === undefined ? undefined : strideOf(node.attributes, p);
  if (x === undefined || stride === undefined) return undefined;
  return [blocked(new Writer(low, node.path).nchwc('MaxPool', [low.blocked(x)], poolAttributes(stride)))];
};

export const averagePool2d: BlockedRule<'averagePool2d'> = (node, low) => {
  const [x] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  const stride = p === undefined ? undefined : strideOf(node.attributes, p);
  if (x === undefined || stride === undefined) return undefined;
  const attributes = { ...poolAttributes(stride), count_include_pad: int(0) };
  return [blocked(new Writer(low, node.path).nchwc('AveragePool', [low.blocked(x)], attributes))];
};

/** dx = pool3x3 of (9 / count) dy with the padding counted: each window hands dy / count to its pixels. */
export const averagePool2dGrad: BlockedRule<'averagePool2dGrad'> = (node, low) => {
  const [dy] = node.inputs;
  const [dx] = node.outputs;
  const p = dx === undefined ? undefined : low.packing(dx);
  const stride = p === undefined ? undefined : strideOf(node.attributes, p);
  if (dy === undefined || p === undefined || stride === undefined) return undefined;
  const w = new Writer(low, node.path);
  const out = stride === 2 ? halved(p) : p;
  const factors = new Float32Array(out.height * out.width * out.block);
  for (let i = 0; i < out.height; i++) {
    for (let j = 0; j < out.width; j++) {
      const count = validTaps(i * stride, p.height) * validTaps(j * stride, p.width);
      const start = (i * out.width + j) * out.block;
      factors.fill(9 / count, start, start + out.block);
    }
  }
  const pixels = out.height * out.width * out.block;
  const rows = w.reshape(low.memory(dy), [vectors(out) / out.block, pixels]);
  const weighted = w.mul(rows, low.emit.float32(factors, [1, pixels]));
  const spread = stride === 2 ? w.zeroInsert(weighted, out) : weighted;
  const attributes = { ...poolAttributes(1), count_include_pad: int(1) };
  return [blocked(w.nchwc('AveragePool', [w.reshape(spread, shapeOf(p))], attributes))];
};

/** Of the positions centre-1, centre, centre+1, how many lie in [0, size). */
function validTaps(centre: number, size: number): number {
  return [centre - 1, centre, centre + 1].filter((at) => at >= 0 && at < size).length;
}

export const maxPool2dGrad: BlockedRule<'maxPool2dGrad'> = (node, low) => {
  const [x, dy] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  const stride = p === undefined ? undefined : strideOf(node.attributes, p);
  if (x === undefined || dy === undefined || p === undefined || stride === undefined) return undefined;
  const w = new Writer(low, node.path);
  const data = low.blocked(x);
  const rowMaxima = w.nchwc('MaxPool', [data], {
    kernel_shape: ints([1, 3]),
    pads: ints([0, 1, 0, 1]),
    strides: ints([1, stride]),
  });
  const narrow = { ...p, width: p.width / stride };
  const toRows = handDown(w, rowMaxima, low.blocked(dy), narrow, 'rows', stride);
  const rows = toRows.layout === 'blocked' ? toRows.name : w.reshape(toRows.name, shapeOf(narrow));
  return [handDown(w, data, rows, p, 'columns', stride)];
};

/** Hands the cotangent of a window of three along one axis to the first of its maxima. `p` is the packing of `x`. */
function handDown(w: Writer, x: string, dy: string, p: Packing, axis: Axis, stride: 1 | 2): Placed {
  const along = (rows: number, columns: number): readonly number[] =>
    axis === 'rows' ? [rows, columns] : [columns, rows];
  const strides = along(stride, 1);
  const pairs = w.nchwc('MaxPool', [x], {
    kernel_shape: ints(along(2, 1)),
    pads: ints([...along(1, 0), ...along(1, 0)]),
  });
  const right = compare(w, pairs, p, along(2, 1), [-1, 1], strides, 0);
  const left = compare(w, withEdge(w, x, p, axis), p, along(2, 1), [1, -1], strides, 1);
  const toRight = w.mul(dy, right);
  const rest = w.sub(dy, toRight);
  const toLeft = w.mul(rest, left);
  const shift = (tensor: string, taps: readonly number[], sum: string): string =>
    taps3(w, tensor, p, along(3, 1), [...along(1, 0), ...along(1, 0)], taps, sum);
  if (stride === 1) {
    // centre = dy - toLeft - toRight stays; the others move by one pixel.
    const moved = shift(toLeft, [0, -1, 1], dy);
    return blocked(shift(toRight, [1, -1, 0], moved));
  }
  // Windows are centred on even pixels: those get the centre's share, odd ones their two neighbours'.
  const even = w.sub(rest, toLeft);
  const odd = shift(toLeft, [0, 0, 1], toRight);
  const length = axis === 'rows' ? p.height / 2 : p.width / 2;
  const inner = axis === 'rows' ? p.width * p.block : p.block;
  const rows = ((vectors(p) / p.block) * length * (axis === 'rows' ? p.width : p.height) * p.block) / inner;
  return memory(
    w.one('Concat', [w.reshape(even, [rows, inner]), w.reshape(odd, [rows, inner])], { axis: int(1) }),
  );
}

/** The map with one more row above, or column on the left, that is never a maximum. */
function withEdge(w: Writer, x: string, p: Packing, axis: Axis): string {
  const [blocks] = memoryShape(p);
  const rows = axis === 'rows' ? blocks : blocks * p.height;
  const inner = axis === 'rows' ? p.width * p.block : p.block;
  const length = axis === 'rows' ? p.height : p.width;
  const edge = w.low.filled(veryLow, [rows, inner]);
  const joined = w.one('Concat', [edge, w.reshape(x, [rows, length * inner])], { axis: int(1) });
  const extended = axis === 'rows' ? { ...p, height: p.height + 1 } : { ...p, width: p.width + 1 };
  return w.reshape(joined, shapeOf(extended));
}

/** A depthwise kernel with the same taps in every lane. */
function tapsKernel(
  low: BlockedLowering,
  p: Packing,
  kernel: readonly number[],
  taps: readonly number[],
): string {
  const count = lanes(p);
  const values = new Float32Array(count * taps.length);
  for (let at = 0; at < values.length; at++) values[at] = taps[Math.floor(at / p.block) % taps.length] ?? 0;
  return low.emit.float32(values, [count, 1, ...kernel]);
}

function compare(
  w: Writer,
  x: string,
  p: Packing,
  kernel: readonly number[],
  taps: readonly number[],
  strides: readonly number[],
  beta: 0 | 1,
): string {
  return w.nchwc('Conv', [x, tapsKernel(w.low, p, kernel, taps)], {
    group: int(lanes(p)),
    kernel_shape: ints(kernel),
    strides: ints(strides),
    activation: { text: 'HardSigmoid' },
    activation_params: floats([1e30, beta]),
  });
}

function taps3(
  w: Writer,
  x: string,
  p: Packing,
  kernel: readonly number[],
  pads: readonly number[],
  taps: readonly number[],
  sum: string,
): string {
  return w.nchwc('Conv', [x, tapsKernel(w.low, p, kernel, taps), '', sum], {
    group: int(lanes(p)),
    kernel_shape: ints(kernel),
    pads: ints(pads),
  });
}

export const globalAveragePool: BlockedRule<'globalAveragePool'> = (node, low) => {
  const [x] = node.inputs;
  const p = x === undefined ? undefined : low.packing(x);
  if (x === undefined || p === undefined) return undefined;
  const w = new Writer(low, node.path);
  return [plain(w.pixelMeans(low.blocked(x), p))];
};

export const globalAveragePoolGrad: BlockedRule<'globalAveragePoolGrad'> = (node, low) => {
  const [dy] = node.inputs;
  const [dx] = node.outputs;
  const p = dx === undefined ? undefined : low.packing(dx);
  if (dy === undefined || p === undefined) return undefined;
  const w = new Writer(low, node.path);
  const pixels = p.height * p.width;
  const share = w.extend(w.mul(low.plain(dy), low.emit.scalar(1 / pixels)), p, 2, 1);
  const [blocks] = memoryShape(p);
  const spread = w.one('Expand', [
    w.reshape(share, [blocks, 1, p.block]),
    low.emit.int64([blocks, pixels, p.block]),
  ]);
  return [memory(spread)];
};
