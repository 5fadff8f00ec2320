// Pooling and its backward operations.
//
// Maximum: the gradient of an output goes to the FIRST maximum of its window in row-major order (as PyTorch).
// Average: divides by the number of valid pixels (count_include_pad = 0), so
//   dL/dx[u] = sum over windows p that contain u of D[p] / count(p).
import type { OperationAttributes, PoolAttributes } from '../ir.js';
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
  const { kernel, strides, pads, inputExtent } = attributes;
  const dy = input(inputs, 0);
  const channels = fixed(dy.shape[1], path);
  const [rows, columns] = [fixed(dy.shape[2], path), fixed(dy.shape[3], path)];
  const shares = g.mul(dy, g.constant(inverseCounts(attributes, rows, columns), [1, 1, rows, columns]));
  const ones = g.filled(1, [channels, 1, ...kernel]);
  const geometry = { strides, pads, dilations: [1, 1], groups: channels, inputExtent } as const;
  return [g.one('conv2dInputGrad', [shares, ones], geometry)];
};

/** 1 / (number of pixels in the window that are not padding), for each output. */
function inverseCounts(
  { kernel, strides, pads, inputExtent }: OperationAttributes['averagePool2dGrad'],
  rows: number,
  columns: number,
): number[] {
  const valid = (axis: 0 | 1, index: number): number => {
    const start = index * strides[axis] - pads[axis];
    return Math.min(start + kernel[axis], inputExtent[axis]) - Math.max(start, 0);
  };
  return Array.from(
    { length: rows * columns },
    (_, i) => 1 / (valid(0, Math.floor(i / columns)) * valid(1, i % columns)),
  );
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
