// Batch normalisation. With m = N H W values a channel:
//
//   mean = sum x / m      variance = sum (x - mean)^2 / m  (biased)     inverseStd = (variance + epsilon)^(-1/2)
//   xhat = (x - mean) inverseStd                  y = scale xhat + shift
//
// Backward, with D = dL/dy:
//   dshift = sum D        dscale = sum D xhat
//   dx = scale inverseStd (D - dshift / m - xhat dscale / m)
//
// The mean of D over a channel, dshift / m, is an operation of its own (`channelMean`): several candidates of an edge
// receive the same D, and it is then taken once for all of them.
//
// With running statistics instead of a batch's, no gradient flows through mean and variance, and dx = scale inverseStd D.
//
// The scale may be one number for all channels (f32[1]): a supernet multiplies an operation's output by its code entry,
// and that product is folded in here; its gradient is then summed over the channels too.
import { GenonnxError } from '../errors.js';
import type { Affine, TensorType, Value } from '../ir.js';
import { elementCount, fixed, fixedShape, requireRank, shapeError, shapeText } from '../shapes.js';
import { type Expansion, float32, input, type OperationRule, type VjpRule } from './rule.js';

/** (x f32[N,C,H,W], scale? f32[C] or f32[1], shift? f32[C]) -> (y, mean f32[C], variance f32[C], inverseStd f32[C]). */
export const batchNorm: OperationRule<'batchNorm'> = {
  infer(inputs, { affine }) {
    const x = input(inputs, 0);
    requireRank(x, 4, 'batchNorm');
    const channels = x.shape[1] ?? 1;
    requireAffine(inputs.slice(1), affine, channels, 'batchNorm');
    return [float32(x.shape), float32([channels]), float32([channels]), float32([channels])];
  },
};

/**
 * (x f32[N,C,H,W], mean f32[C], inverseStd f32[C], scale?, shift?) -> y: what `batchNorm` made of x, from the statistics that it
 * took. A backward pass has it where keeping y would take more memory than it is worth.
 */
export const batchNormApply: OperationRule<'batchNormApply'> = {
  infer(inputs, { affine }) {
    const x = input(inputs, 0);
    requireRank(x, 4, 'batchNormApply');
    requireAffine(inputs.slice(3), affine, x.shape[1] ?? 1, 'batchNormApply');
    return [float32(x.shape)];
  },
};

/** (x - mean) (inverseStd scale) + shift, in this order, as engines calculate it in `batchNorm`. */
export const batchNormApplyExpansion: Expansion<'batchNormApply'> = (g, { inputs, path }) => {
  const [scale, shift] = inputs.slice(3);
  const channels = fixed(input(inputs, 0).shape[1], path);
  const byChannel = (vector: Value): Value => g.reshape(vector, [1, vector.shape[0] ?? channels, 1, 1]);
  const [mean, inverseStd] = [byChannel(input(inputs, 1)), byChannel(input(inputs, 2))];
  const factor = scale === undefined ? inverseStd : g.mul(inverseStd, byChannel(scale));
  const scaled = g.mul(g.sub(input(inputs, 0), mean), factor);
  return [shift === undefined ? scaled : g.add(scaled, byChannel(shift))];
};

/** x f32[N,C,H,W] -> f32[C]: the mean over images and pixels. */
export const channelMean: OperationRule<'channelMean'> = {
  infer(inputs) {
    requireRank(input(inputs, 0), 4, 'channelMean');
    return [float32([input(inputs, 0).shape[1] ?? 1])];
  },
};

/** (dy, channelMean(dy) f32[C], x, mean f32[C], inverseStd f32[C], scale?) -> (dx, dscale?). */
export const batchNormGrad: OperationRule<'batchNormGrad'> = {
  infer(inputs, { affine }) {
    const results = [float32(input(inputs, 2).shape)];
    if (affine !== 'none') results.push(float32(input(inputs, 5).shape));
    return results;
  },
};

/** (x, mean f32[C], variance f32[C], scale?, shift?) -> y, with the running statistics. */
export const batchNormInference: OperationRule<'batchNormInference'> = {
  infer(inputs, { affine }) {
    const x = input(inputs, 0);
    requireAffine(inputs.slice(3), affine, x.shape[1] ?? 1, 'batchNormInference');
    return [float32(x.shape)];
  },
};

function requireAffine(
  parts: readonly TensorType[],
  affine: Affine,
  channels: TensorType['shape'][number],
  op: string,
): void {
  const expected = affine === 'none' ? 0 : affine === 'scale' ? 1 : 2;
  if (parts.length !== expected) throw shapeError(op, `${expected} affine inputs`, String(parts.length));
  for (const { shape } of parts) {
    if (shape.length !== 1 || (shape[0] !== channels && shape[0] !== 1)) {
      throw shapeError(op, `an affine input of ${channels} or 1 values`, shapeText(shape));
    }
  }
}

/** Only y is differentiable: the statistics leave the graph as running averages. @throws GenonnxError `graph`. */
export const batchNormVjp: VjpRule<'batchNorm'> = (
  node,
  { g, cotangents: [dy, ...ofStatistics], wanted },
) => {
  if (ofStatistics.some((cotangent) => cotangent !== undefined)) {
    throw new GenonnxError('graph', 'The statistics of a batch norm have no derivative.', {
      where: node.path,
      cure: 'Let the loss depend on its first result only.',
    });
  }
  const [x, scale] = node.inputs;
  const [, mean, , inverseStd] = node.outputs;
  if (dy === undefined || x === undefined || mean === undefined || inverseStd === undefined) return [];
  const dyMean = g.channelMean(dy);
  const inputs = [dy, dyMean, x, mean, inverseStd];
  if (scale !== undefined) inputs.push(scale);
  const [dx, dscale] = g.apply('batchNormGrad', inputs, node.attributes);
  const values = elementCount(fixedShape(x.shape, node.path)) / fixed(x.shape[1], node.path);
  return [dx, dscale, wanted[2] ? g.mul(dyMean, g.scalar(values)) : undefined];
};

/**
 * With statistics that stay as they are a batch norm is linear: dx = D f, f = scale (variance + epsilon)^(-1/2).
 * @throws GenonnxError `graph` where the derivative of a running statistic is asked for.
 */
export const batchNormInferenceVjp: VjpRule<'batchNormInference'> = (
  node,
  { g, cotangents: [dy], wanted },
) => {
  const [x, mean, variance, scale] = node.inputs;
  if (dy === undefined || x === undefined || mean === undefined || variance === undefined) return [];
  if (wanted[1] || wanted[2]) {
    throw new GenonnxError('graph', 'Running statistics have no derivative.', {
      where: node.path,
      cure: 'Let no gradient flow back into them.',
    });
  }
  const channels = fixed(x.shape[1], node.path);
  const std = g.sqrt(g.add(variance, g.scalar(node.attributes.epsilon)));
  const inverseStd = g.one('reciprocal', [std], {});
  const factor = scale === undefined ? inverseStd : g.mul(inverseStd, scale);
  const dx = wanted[0] ? g.mul(dy, g.reshape(factor, [1, channels, 1, 1])) : undefined;
  const overPixels = (map: Value): Value => g.reduceSum(map, [0, 2, 3]);
  const dshift = wanted[3] || wanted[4] ? overPixels(dy) : undefined;
  if (!wanted[3] || scale === undefined || dshift === undefined)
    return [dx, undefined, undefined, undefined, dshift];
  const dscale = g.mul(g.sub(overPixels(g.mul(dy, x)), g.mul(mean, dshift)), inverseStd);
  return [dx, undefined, undefined, dscale, dshift];
};
