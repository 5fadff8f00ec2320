// DARTS's FactorizedReduce without its ReLU and batch norm: halves height and width with two 1x1 convolutions of stride 2, the
// second on the input shifted by one pixel, so that no pixel is thrown away on a diagonal. With stride s and shift t, and zeros
// beyond the end of x,
//
//   y[n, o, p, q]       = sum_c a[o,c] x[n, c, s p, s q]          o < O
//   y[n, O + o, p, q]   = sum_c b[o,c] x[n, c, s p + t, s q + t]  o < O
//
// for p < ceil(H / s), q < ceil(W / s). In classifiers s = 2, t = 1; where a network has lost a stride (`src/networks/atrous.ts`),
// s = 1, and t is the distance at which the pixels that it would have kept lie.
import type { Builder } from '../builder.js';
import type { ConvolutionAttributes, Pair, ReductionAttributes, Value } from '../ir.js';
import { fixed, requireSame, shapeError } from '../shapes.js';
import { convolutionMacs } from './conv2d.js';
import { type Expansion, float32, input, type OperationRule, type VjpRule } from './rule.js';

/** What the attributes say, and what holds where they say nothing. */
export function reductionOf({ stride = 2, shift = 1 }: ReductionAttributes): {
  readonly stride: 1 | 2;
  readonly shift: number;
} {
  return { stride, shift };
}

/** Whether each output reads a block of 2x2 pixels of its own, which is the whole map's. */
export function halvesEvenly(attributes: ReductionAttributes, [height, width]: Pair): boolean {
  const { stride, shift } = reductionOf(attributes);
  return stride === 2 && shift === 1 && height % 2 === 0 && width % 2 === 0;
}

/** (x f32[N,C,H,W], a f32[O,C,1,1], b f32[O,C,1,1]) -> f32[N,2 O,ceil(H/stride),ceil(W/stride)]. */
export const factorizedReduce: OperationRule<'factorizedReduce'> = {
  infer(inputs, attributes) {
    const x = input(inputs, 0);
    const { stride, shift } = reductionOf(attributes);
    if (!Number.isInteger(shift) || shift < 0)
      throw shapeError('factorizedReduce', 'a shift by whole pixels', String(shift));
    const extent = [2, 3].map((axis) => Math.ceil(fixed(x.shape[axis], 'factorizedReduce') / stride));
    // The weights' gradients are cut from one cotangent in the middle.
    const a = input(inputs, 1);
    const half = fixed(a.shape[0], 'factorizedReduce');
    for (const weight of [a, input(inputs, 2)])
      requireSame([half, x.shape[1] ?? 1, 1, 1], weight.shape, 'factorizedReduce');
    return [float32([x.shape[0] ?? 1, 2 * half, ...extent])];
  },
  macs: ({ inputs, outputs, path }) => convolutionMacs(input(outputs, 0), inputs.slice(1), path),
};

/** (dy, a, b) -> dx f32[N,C,H,W]; pixels that neither convolution read get zero. */
export const factorizedReduceInputGrad: OperationRule<'factorizedReduceInputGrad'> = {
  infer(inputs, { inputExtent }) {
    const dy = input(inputs, 0);
    const channels = fixed(input(inputs, 1).shape[1], 'factorizedReduceInputGrad');
    const extent =
      inputExtent ?? [2, 3].map((axis) => 2 * fixed(dy.shape[axis], 'factorizedReduceInputGrad'));
    return [float32([dy.shape[0] ?? 1, channels, ...extent])];
  },
  macs: ({ inputs, path }) => convolutionMacs(input(inputs, 0), inputs.slice(1), path),
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
  macs: ({ inputs, outputs, path }) => convolutionMacs(input(inputs, 1), outputs, path),
};

export const factorizedReduceVjp: VjpRule<'factorizedReduce'> = (node, { g, cotangents: [dy], wanted }) => {
  const [x, a, b] = node.inputs;
  if (x === undefined || a === undefined || b === undefined || dy === undefined) return [];
  const { attributes } = node;
  const inputExtent = extentOf(x, node.path);
  const ofInput = halvesEvenly(attributes, inputExtent) ? attributes : { ...attributes, inputExtent };
  const [da, db] = wanted[1] || wanted[2] ? g.apply('factorizedReduceWeightGrad', [x, dy], attributes) : [];
  return [wanted[0] ? g.one('factorizedReduceInputGrad', [dy, a, b], ofInput) : undefined, da, db];
};

function extentOf({ shape }: Value, path: string): Pair {
  return [fixed(shape[2], path), fixed(shape[3], path)];
}

/**
 *   y = conv(x, [a; 0], stride s) + conv1x1(moved(x), [0; b])      moved(x)[n, c, p, q] = x[n, c, s p + t, s q + t]
 *
 * [a; 0] has rows of zeros where the other half's channels are; moved is a depthwise 2x2 convolution of stride s and dilation t
 * whose last tap alone is not zero. A runtime that fuses convolutions, biases and sums finds nothing else here.
 */
export const factorizedReduceExpansion: Expansion<'factorizedReduce'> = (g, { inputs, attributes, path }) => {
  const [x, a, b] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const { stride, shift } = reductionOf(attributes);
  const channels = fixed(x.shape[1], path);
  const [upper, lower] = [fixed(a.shape[0], path), fixed(b.shape[0], path)];
  const onEven = g.one('pad', [a], { axis: 0, before: 0, after: lower });
  const onOdd = g.one('pad', [b], { axis: 0, before: upper, after: 0 });
  const even = g.conv2d(x, onEven, { stride });
  if (shift === 0) return [g.add(even, g.conv2d(x, onOdd, { stride }))];
  const lastTap = Array.from({ length: 4 * channels }, (_, i) => (i % 4 === 3 ? 1 : 0));
  const picking = g.within('odd', () => g.constant(lastTap, [channels, 1, 2, 2]));
  const beyond = halvesEvenly(attributes, extentOf(x, path)) ? 0 : shift;
  const moved = g.one('conv2d', [x, picking], {
    strides: [stride, stride],
    pads: [0, 0, beyond, beyond],
    dilations: [shift, shift],
    groups: channels,
  });
  return [g.add(even, g.conv2d(moved, onOdd))];
};

function pointwise(attributes: ReductionAttributes): ConvolutionAttributes {
  const { stride } = reductionOf(attributes);
  return { strides: [stride, stride], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 };
}

/** The gradients of two convolutions, the second one's moved down and to the right. */
export const factorizedReduceInputGradExpansion: Expansion<'factorizedReduceInputGrad'> = (g, node) => {
  const { inputs, attributes, outputs, path } = node;
  const [dy, a, b] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const inputExtent = extentOf(input(outputs, 0), path);
  const { shift } = reductionOf(attributes);
  // Where even maps are halved, nothing is moved beyond the end.
  const beyond = halvesEvenly(attributes, inputExtent) ? shift : 0;
  const geometry = pointwise(attributes);
  const [dya, dyb] = halves(g, dy, path);
  const even = g.one('conv2dInputGrad', [dya, a], { ...geometry, inputExtent });
  const [height, width] = inputExtent;
  const odd = g.one('conv2dInputGrad', [dyb, b], {
    ...geometry,
    inputExtent: [height - beyond, width - beyond],
  });
  const moved = ([2, 3] as const).reduce((map, axis) => {
    const lower = g.one('pad', [map], { axis, before: shift, after: 0 });
    const end = inputExtent[axis - 2] ?? 1;
    return beyond === shift ? lower : g.one('slice', [lower], { axis, start: 0, end });
  }, odd);
  return [g.add(even, moved)];
};

/** The gradients of two convolutions, the second on the input moved up and to the left. */
export const factorizedReduceWeightGradExpansion: Expansion<'factorizedReduceWeightGrad'> = (g, node) => {
  const { inputs, attributes, path } = node;
  const [x, dy] = [input(inputs, 0), input(inputs, 1)];
  const { shift } = reductionOf(attributes);
  const beyond = halvesEvenly(attributes, extentOf(x, path)) ? 0 : shift;
  const [dya, dyb] = halves(g, dy, path);
  const moved = ([2, 3] as const).reduce((map, axis) => {
    const end = fixed(map.shape[axis], path) + beyond;
    const longer = beyond === 0 ? map : g.one('pad', [map], { axis, before: 0, after: beyond });
    return g.one('slice', [longer], { axis, start: shift, end });
  }, x);
  const geometry = { ...pointwise(attributes), kernel: [1, 1] } as const;
  return [g.one('conv2dWeightGrad', [x, dya], geometry), g.one('conv2dWeightGrad', [moved, dyb], geometry)];
};

/** What flows back to each half of the output channels. */
function halves(g: Builder, dy: Value, path: string): readonly [Value, Value] {
  const half = fixed(dy.shape[1], path) / 2;
  const parts = g.split(dy, 1, [half, half]);
  return [input(parts, 0), input(parts, 1)];
}
