// DARTS's FactorizedReduce without its ReLU and batch norm: halves height and width with two 1x1 stride-2 convolutions,
// the second on the input shifted by one pixel, so that no pixel is thrown away on a diagonal.
//
//   y[n, o, p, q]       = sum_c a[o,c] x[n, c, 2p, 2q]          o < O
//   y[n, O + o, p, q]   = sum_c b[o,c] x[n, c, 2p + 1, 2q + 1]  o < O
import type { Builder } from '../builder.js';
import type { ConvolutionAttributes, Value } from '../ir.js';
import { elementCount, fixed, fixedShape, requireSame, shapeError, shapeText } from '../shapes.js';
import { type Expansion, float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (x f32[N,C,H,W] with H and W even, a f32[O,C,1,1], b f32[O,C,1,1]) -> f32[N,2 O,H/2,W/2]. */
export const factorizedReduce: OperationRule<'factorizedReduce'> = {
  infer(inputs) {
    const x = input(inputs, 0);
    const height = fixed(x.shape[2], 'factorizedReduce');
    const width = fixed(x.shape[3], 'factorizedReduce');
    if (height % 2 !== 0 || width % 2 !== 0) {
      throw shapeError('factorizedReduce', 'an even height and width', shapeText(x.shape));
    }
    // The weights' gradients are cut from one cotangent in the middle.
    const a = input(inputs, 1);
    const half = fixed(a.shape[0], 'factorizedReduce');
    for (const weight of [a, input(inputs, 2)])
      requireSame([half, x.shape[1] ?? 1, 1, 1], weight.shape, 'factorizedReduce');
    return [float32([x.shape[0] ?? 1, 2 * half, height / 2, width / 2])];
  },
  macs(node) {
    const [, a, b] = node.inputs;
    const [batch, , height, width] = node.outputs[0]?.shape ?? [];
    const weights = [a, b].reduce((sum, w) => sum + elementCount(fixedShape(w?.shape ?? [0], node.path)), 0);
    return (
      (typeof batch === 'number' ? batch : 1) * fixed(height, node.path) * fixed(width, node.path) * weights
    );
  },
};

/** (dy, a, b) -> dx f32[N,C,H,W]; pixels that neither convolution read get zero. */
export const factorizedReduceInputGrad: OperationRule<'factorizedReduceInputGrad'> = {
  infer(inputs) {
    const dy = input(inputs, 0);
    const channels = fixed(input(inputs, 1).shape[1], 'factorizedReduceInputGrad');
    const extent = [2, 3].map((axis) => 2 * fixed(dy.shape[axis], 'factorizedReduceInputGrad'));
    return [float32([dy.shape[0] ?? 1, channels, ...extent])];
  },
};

/** (x, dy) -> (da f32[O/2,C,1,1], db f32[O/2,C,1,1]). */
export const factorizedReduceWeightGrad: OperationRule<'factorizedReduceWeightGrad'> = {
  infer(inputs) {
    const channels = fixed(input(inputs, 0).shape[1], 'factorizedReduceWeightGrad');
    const outputs = fixed(input(inputs, 1).shape[1], 'factorizedReduceWeightGrad');
    if (outputs % 2 !== 0)
      throw shapeError('factorizedReduceWeightGrad', 'an even number of channels', String(outputs));
    return [float32([outputs / 2, channels, 1, 1]), float32([outputs / 2, channels, 1, 1])];
  },
};

export const factorizedReduceVjp: VjpRule<'factorizedReduce'> = (node, { g, cotangents: [dy], wanted }) => {
  const [x, a, b] = node.inputs;
  if (x === undefined || a === undefined || b === undefined || dy === undefined) return [];
  const [da, db] = wanted[1] || wanted[2] ? g.apply('factorizedReduceWeightGrad', [x, dy], {}) : [];
  return [wanted[0] ? g.one('factorizedReduceInputGrad', [dy, a, b], {}) : undefined, da, db];
};

/**
 *   y = conv(x, [a; 0], stride 2) + conv1x1(odd(x), [0; b])      odd(x)[n, c, p, q] = x[n, c, 2p + 1, 2q + 1]
 *
 * [a; 0] has rows of zeros where the other half's channels are; odd is a depthwise 2x2 convolution of stride 2 whose last
 * tap alone is not zero. A runtime that fuses convolutions, biases and sums finds nothing else here.
 */
export const factorizedReduceExpansion: Expansion<'factorizedReduce'> = (g, { inputs, path }) => {
  const [x, a, b] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const channels = fixed(x.shape[1], path);
  const [upper, lower] = [fixed(a.shape[0], path), fixed(b.shape[0], path)];
  const onEven = g.one('pad', [a], { axis: 0, before: 0, after: lower });
  const onOdd = g.one('pad', [b], { axis: 0, before: upper, after: 0 });
  const lastTap = Array.from({ length: 4 * channels }, (_, i) => (i % 4 === 3 ? 1 : 0));
  const picking = g.within('odd', () => g.constant(lastTap, [channels, 1, 2, 2]));
  const even = g.conv2d(x, onEven, { stride: 2 });
  const odd = g.conv2d(x, picking, { stride: 2, groups: channels });
  return [g.add(even, g.conv2d(odd, onOdd))];
};

const everySecond: ConvolutionAttributes = {
  strides: [2, 2],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};

/** The gradients of two convolutions of stride 2, the second one's moved down and to the right by a pixel. */
export const factorizedReduceInputGradExpansion: Expansion<'factorizedReduceInputGrad'> = (g, node) => {
  const { inputs, path } = node;
  const [dy, a, b] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const [height, width] = [2 * fixed(dy.shape[2], path), 2 * fixed(dy.shape[3], path)];
  const [dya, dyb] = halves(g, dy, path);
  const even = g.one('conv2dInputGrad', [dya, a], { ...everySecond, inputExtent: [height, width] });
  const odd = g.one('conv2dInputGrad', [dyb, b], { ...everySecond, inputExtent: [height - 1, width - 1] });
  const down = g.one('pad', [odd], { axis: 2, before: 1, after: 0 });
  return [g.add(even, g.one('pad', [down], { axis: 3, before: 1, after: 0 }))];
};

/** The gradients of two convolutions of stride 2, the second on the input without its first row and column. */
export const factorizedReduceWeightGradExpansion: Expansion<'factorizedReduceWeightGrad'> = (g, node) => {
  const { inputs, path } = node;
  const [x, dy] = [input(inputs, 0), input(inputs, 1)];
  const [dya, dyb] = halves(g, dy, path);
  const below = g.one('slice', [x], { axis: 2, start: 1, end: fixed(x.shape[2], path) });
  const moved = g.one('slice', [below], { axis: 3, start: 1, end: fixed(x.shape[3], path) });
  const geometry = { ...everySecond, kernel: [1, 1] } as const;
  return [g.one('conv2dWeightGrad', [x, dya], geometry), g.one('conv2dWeightGrad', [moved, dyb], geometry)];
};

/** What flows back to each half of the output channels. */
function halves(g: Builder, dy: Value, path: string): readonly [Value, Value] {
  const half = fixed(dy.shape[1], path) / 2;
  const parts = g.split(dy, 1, [half, half]);
  return [input(parts, 0), input(parts, 1)];
}
