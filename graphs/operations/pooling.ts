// Pooling and its backward operations.
//
// Maximum: the gradient of an output goes to the FIRST maximum of its window in row-major order (as PyTorch).
// Average: divides by the number of valid pixels (count_include_pad = 0), so
//   dL/dx[u] = sum over windows p that contain u of D[p] / count(p).
// Windows may be dilated. A dilated average is a depthwise convolution with ones, over the count.
import type { Pair, PoolAttributes } from '../ir.js';
import { fixed, requireRank, windowOutput } from '../shapes.js';
import { type Expansion, float32, input, type OperationRule, type VjpRule } from './rule.js';

function poolRule(op: 'maxPool2d' | 'averagePool2d'): {
  infer: OperationRule<'maxPool2d'>['infer'];
} {
  return {
    infer(inputs, attributes: PoolAttributes) {
      const x = input(inputs, 0);
      requireRank(x, 4, op);
      return [
        float32([
          x.shape[0] ?? 1,
          x.shape[1] ?? 1,
          ...windowOutput(x.shape, attributes.kernel, attributes, op),
        ]),
      ];
    },
  };
}

/** x f32[N,C,H,W] -> f32[N,C,P,Q]; padding never wins. */
export const maxPool2d: OperationRule<'maxPool2d'> = poolRule('maxPool2d');

/** (x, dy) -> dx. */
export const maxPool2dGrad: OperationRule<'maxPool2dGrad'> = {
  infer: (inputs) => [float32(input(inputs, 0).shape)],
};

/** x f32[N,C,H,W] -> f32[N,C,P,Q]; padding is not counted. */
export const averagePool2d: OperationRule<'averagePool2d'> = poolRule('averagePool2d');

/** dy -> dx f32[N,C,H,W]. */
export const averagePool2dGrad: OperationRule<'averagePool2dGrad'> = {
  infer: (inputs, { inputExtent }) => [float32([...input(inputs, 0).shape.slice(0, 2), ...inputExtent])],
};

/** x f32[N,C,H,W] -> f32[N,C]: the mean over height and width. */
export const globalAveragePool: OperationRule<'globalAveragePool'> = {
  infer(inputs) {
    requireRank(input(inputs, 0), 4, 'globalAveragePool');
    return [float32(input(inputs, 0).shape.slice(0, 2))];
  },
};

/** dy f32[N,C] -> dx f32[N,C,H,W] = dy / (H W) everywhere. */
export const globalAveragePoolGrad: OperationRule<'globalAveragePoolGrad'> = {
  infer: (inputs, { inputExtent }) => [float32([...input(inputs, 0).shape.slice(0, 2), ...inputExtent])],
};

export const maxPool2dVjp: VjpRule<'maxPool2d'> = (node, { g, cotangents: [dy] }) => {
  const [x] = node.inputs;
  return x && dy ? [g.one('maxPool2dGrad', [x, dy], node.attributes)] : [];
};

export const averagePool2dVjp: VjpRule<'averagePool2d'> = (node, { g, cotangents: [dy] }) => {
  const shape = node.inputs[0]?.shape;
  if (shape === undefined || dy === undefined) return [];
  const inputExtent = [fixed(shape[2], node.path), fixed(shape[3], node.path)] as const;
  return [g.one('averagePool2dGrad', [dy], { ...node.attributes, inputExtent })];
};

export const globalAveragePoolVjp: VjpRule<'globalAveragePool'> = (node, { g, cotangents: [dy] }) => {
  const shape = node.inputs[0]?.shape;
  if (shape === undefined || dy === undefined) return [];
  const inputExtent = [fixed(shape[2], node.path), fixed(shape[3], node.path)] as const;
  return [g.one('globalAveragePoolGrad', [dy], { inputExtent })];
};

/** dy / count, convolved transposed with ones, channel by channel. */
export const averagePool2dGradExpansion: Expansion<'averagePool2dGrad'> = (
  g,
  { inputs, attributes, path },
) => {
  const { kernel, strides, pads, dilations = [1, 1], inputExtent } = attributes;
  const dy = input(inputs, 0);
  const channels = fixed(dy.shape[1], path);
  const output = [fixed(dy.shape[2], path), fixed(dy.shape[3], path)] as const;
  const counts = inverseCounts(attributes, inputExtent, output);
  const shares = g.mul(dy, g.constant(counts, [1, 1, ...output]));
  const ones = g.filled(1, [channels, 1, ...kernel]);
  const geometry = { strides, pads, dilations, groups: channels, inputExtent } as const;
  return [g.one('conv2dInputGrad', [shares, ones], geometry)];
};

/**
 * 1 / (number of pixels in the window that are not padding), for each output in row-major order. A window of nothing but padding
 * is empty, and has no average.
 */
export function inverseCounts(
  { kernel, strides, pads, dilations = [1, 1] }: PoolAttributes,
  input: Pair,
  output: Pair,
): number[] {
  const valid = (axis: 0 | 1): number[] =>
    Array.from({ length: output[axis] }, (_, index) => {
      const start = index * strides[axis] - pads[axis];
      const taps = Array.from({ length: kernel[axis] }, (_tap, i) => start + i * dilations[axis]);
      return taps.filter((at) => at >= 0 && at < input[axis]).length;
    });
  const across = valid(1);
  return valid(0).flatMap((rows) => across.map((columns) => 1 / (rows * columns)));
}

export const globalAveragePoolGradExpansion: Expansion<'globalAveragePoolGrad'> = (
  g,
  { inputs, attributes },
) => {
  const dy = input(inputs, 0);
  const [height, width] = attributes.inputExtent;
  const share = g.mul(dy, g.scalar(1 / (height * width)));
  return [g.expand(g.reshape(share, [...dy.shape, 1, 1]), [...dy.shape, height, width])];
};
