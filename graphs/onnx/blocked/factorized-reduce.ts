// FactorizedReduce in blocked layout. Forward, the two shifted 1x1 convolutions of stride 2 are one 2x2 convolution
// whose kernel holds the first weight at (0, 0), the second at (1, 1), and zeros elsewhere. Backward, each is a
// transposed pointwise convolution whose result is put on the even or the odd pixels. Other strides, shifts and odd extents
// have no blocked form.
import { halvesEvenly } from '../../operations/factorized-reduce.js';
import { int, ints } from '../emitter.js';
import { pointwise, pointwiseWeightGrad } from './conv2d.js';
import { halved, type Packing, shapeOf, vectors } from './packing.js';
import { type BlockedRule, blocked, memory, plain, Writer } from './rule.js';
import { pointwiseWeight } from './weights.js';

/** The upper and the lower half of a weight f32[O,I,1,1], and which of its rows they are. */
function halves(a: string, b: string, outputs: number) {
  const count = outputs / 2;
  return [
    { weight: a, rows: { first: 0, count } },
    { weight: b, rows: { first: count, count } },
  ];
}

export const factorizedReduce: BlockedRule<'factorizedReduce'> = (node, low) => {
  const [x, a, b] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || a === undefined || b === undefined || y === undefined) return undefined;
  const from = low.packing(x);
  const to = low.packing(y);
  if (from === undefined || to === undefined || a.shape[0] !== b.shape[0]) return undefined;
  if (!halvesEvenly(node.attributes, [from.height, from.width])) return undefined;
  const w = new Writer(low, node.path);
  const packed = Math.max(from.packed, to.packed);
  const { block } = from;
  const [outer, inner] = [(packed * to.stored) / block, (packed * from.stored) / block];
  const shape = [outer, inner, 1, block * block];
  const [first = '', second = ''] = halves(low.plain(a), low.plain(b), to.channels).map(({ weight, rows }) =>
    pointwiseWeight(w, weight, { from, to, packed, transposed: false, rows }, shape),
  );
  const between = low.filled(0, [outer, inner, 2, block * block]);
  const taps = w.one('Concat', [first, between, second], { axis: int(2) });
  const kernel = w.reshape(taps, [packed * to.stored, packed * from.stored, 2, 2]);
  const operand = from.packed === packed ? low.blocked(x) : w.reshape(low.memory(x), shapeOf(from, packed));
  const result = w.nchwc('Conv', [operand, kernel], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
  return [to.packed === packed ? blocked(result) : memory(result)];
};

export const factorizedReduceInputGrad: BlockedRule<'factorizedReduceInputGrad'> = (node, low) => {
  const [dy, a, b] = node.inputs;
  const [dx] = node.outputs;
  if (dy === undefined || a === undefined || b === undefined || dx === undefined) return undefined;
  const from = low.packing(dy);
  const to = low.packing(dx);
  if (from === undefined || to === undefined || a.shape[0] !== b.shape[0]) return undefined;
  if (!halvesEvenly(node.attributes, [to.height, to.width])) return undefined;
  const w = new Writer(low, node.path);
  const half = halved(to);
  const cotangent = low.blocked(dy);
  const [even = '', odd = ''] = halves(low.plain(a), low.plain(b), from.channels).map(
    ({ weight, rows }) => pointwise(w, cotangent, weight, from, half, { transposed: true, rows }).name,
  );
  return [memory(interleaveDiagonal(w, even, odd, half))];
};

/** Puts `even` on the pixels (2p, 2q) and `odd` on (2p + 1, 2q + 1) of a map of twice the extent; zeros elsewhere. */
function interleaveDiagonal(w: Writer, even: string, odd: string, half: Packing): string {
  const pixels = (vectors(half) / half.block) * half.height * half.width;
  const zeros = w.low.filled(0, [pixels, half.block]);
  const row = (parts: readonly string[]): string =>
    w.reshape(w.one('Concat', parts, { axis: int(1) }), [pixels / half.width, half.width * 2 * half.block]);
  const evenRow = row([w.reshape(even, [pixels, half.block]), zeros]);
  const oddRow = row([zeros, w.reshape(odd, [pixels, half.block])]);
  return w.one('Concat', [evenRow, oddRow], { axis: int(1) });
}

export const factorizedReduceWeightGrad: BlockedRule<'factorizedReduceWeightGrad'> = (node, low) => {
  const [x, dy] = node.inputs;
  if (x === undefined || dy === undefined) return undefined;
  const from = low.packing(x);
  const to = low.packing(dy);
  if (from === undefined || to === undefined) return undefined;
  if (!halvesEvenly(node.attributes, [from.height, from.width])) return undefined;
  const w = new Writer(low, node.path);
  const rows = to.channels / 2;
  return ([0, 1] as const).map((offset) => {
    const shifted = w.everySecond(low.memory(x), from, offset);
    const whole = pointwiseWeightGrad(w, shifted, low.memory(dy), halved(from), to);
    const mine = w.slice(whole, [offset * rows], [(offset + 1) * rows], [0], [1]);
    return plain(w.reshape(mine, [rows, from.channels, 1, 1]));
  });
};
