// DARTS's FactorizedReduce without its ReLU and batch norm: halves height and width with two 1x1 stride-2 convolutions,
// the second on the input shifted by one pixel, so that no pixel is thrown away on a diagonal.
//
//   y[n, o, p, q]       = sum_c a[o,c] x[n, c, 2p, 2q]          o < O
//   y[n, O + o, p, q]   = sum_c b[o,c] x[n, c, 2p + 1, 2q + 1]  o < O
import { elementCount, fixed, fixedShape, requireSame, shapeError, shapeText } from '../shapes.js';
import { float32, input, type OperationRule, type VjpRule } from './rule.js';

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
