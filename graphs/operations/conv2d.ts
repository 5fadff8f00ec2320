// 2-D convolution (cross-correlation, as every deep-learning framework) and its two backward operations.
//
//   y[n,o,p,q] = b[o] + sum_{c,i,j} w[o,c,i,j] x[n, c + group(o) C/G, p s - pad + i d, q s - pad + j d]
//
// With D = dL/dy:
//   dL/dx[n,c,u,v]   = sum over (o,p,q,i,j) with u = p s - pad + i d, v = q s - pad + j d of D[n,o,p,q] w[o,c,i,j]
//   dL/dw[o,c,i,j]   = sum_{n,p,q} D[n,o,p,q] x[n, c, p s - pad + i d, q s - pad + j d]
//   dL/db[o]         = sum_{n,p,q} D[n,o,p,q]
import type { Value } from '../ir.js';
import { elementCount, fixed, fixedShape, requireRank, shapeError, windowOutput } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (x f32[N,C,H,W], w f32[O,C/G,kh,kw], b? f32[O]) -> f32[N,O,P,Q]. */
export const conv2d: OperationRule<'conv2d'> = {
  infer(inputs, attributes) {
    const x = input(inputs, 0);
    const w = input(inputs, 1);
    requireRank(x, 4, 'conv2d');
    requireRank(w, 4, 'conv2d');
    const [outputs = 0, channelsPerGroup = 0, kernelHeight = 0, kernelWidth = 0] = fixedShape(
      w.shape,
      'conv2d',
    );
    if (x.shape[1] !== channelsPerGroup * attributes.groups || outputs % attributes.groups !== 0) {
      throw shapeError(
        'conv2d',
        `${channelsPerGroup * attributes.groups} input channels`,
        String(x.shape[1]),
      );
    }
    return [
      float32([
        x.shape[0] ?? 1,
        outputs,
        ...windowOutput(x.shape, [kernelHeight, kernelWidth], attributes, 'conv2d'),
      ]),
    ];
  },
  macs: ({ inputs, outputs, path }) => convolutionMacs(input(outputs, 0), [input(inputs, 1)], path),
};

/**
 * Output positions times the kernel's weights: each output channel reads C/G kernels. Its gradients take as many each: every
 * product of the sum is one of a cotangent with an input or a weight. Of a symbolic batch it is that of one image.
 */
export function convolutionMacs({ shape }: Value, weights: readonly Value[], path: string): number {
  const [batch, , height, width] = shape;
  const elements = weights.reduce((sum, weight) => sum + elementCount(fixedShape(weight.shape, path)), 0);
  return (typeof batch === 'number' ? batch : 1) * fixed(height, path) * fixed(width, path) * elements;
}

/** (dy f32[N,O,P,Q], w) -> dx f32[N,C,H,W]. */
export const conv2dInputGrad: OperationRule<'conv2dInputGrad'> = {
  infer(inputs, { groups, inputExtent }) {
    const channels = fixed(input(inputs, 1).shape[1], 'conv2dInputGrad') * groups;
    return [float32([input(inputs, 0).shape[0] ?? 1, channels, ...inputExtent])];
  },
  macs: ({ inputs, path }) => convolutionMacs(input(inputs, 0), [input(inputs, 1)], path),
};

/** (x, dy) -> dw f32[O,C/G,kh,kw]. */
export const conv2dWeightGrad: OperationRule<'conv2dWeightGrad'> = {
  infer(inputs, { groups, kernel }) {
    const channels = fixed(input(inputs, 0).shape[1], 'conv2dWeightGrad');
    return [float32([input(inputs, 1).shape[1] ?? 1, channels / groups, ...kernel])];
  },
  macs: ({ inputs, outputs, path }) => convolutionMacs(input(inputs, 1), outputs, path),
};

export const conv2dVjp: VjpRule<'conv2d'> = (node, { g, cotangents: [dy], wanted }) => {
  const [x, w] = node.inputs;
  if (x === undefined || w === undefined || dy === undefined) return [];
  const { strides, pads, dilations, groups } = node.attributes;
  const geometry = { strides, pads, dilations, groups };
  const inputExtent = [fixed(x.shape[2], node.path), fixed(x.shape[3], node.path)] as const;
  const kernel = [fixed(w.shape[2], node.path), fixed(w.shape[3], node.path)] as const;
  return [
    wanted[0] ? g.one('conv2dInputGrad', [dy, w], { ...geometry, inputExtent }) : undefined,
    wanted[1] ? g.one('conv2dWeightGrad', [x, dy], { ...geometry, kernel }) : undefined,
    wanted[2] ? g.reduceSum(dy, [0, 2, 3]) : undefined,
  ];
};
