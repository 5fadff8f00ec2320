// Batch norm in standard ONNX. ONNX Runtime's own training mode reports a biased running variance and no inverse
// deviation, so training is spelled out; the variance is taken in two passes.
import type { Node, Value } from '../../ir.js';
import { fixed } from '../../shapes.js';
import { float, floatType } from '../emitter.js';
import type { PortableRule } from '../lowering.js';
import { mapShape } from './geometry.js';
import { inputName, valueAt, Writer } from './writer.js';

function channelsOf(x: Value, path: string): number {
  return fixed(x.shape[1], path);
}

export const channelMean: PortableRule<'channelMean'> = (node, low) => [
  new Writer(low, node.path).reduceMean(inputName(low, node.inputs, 0), [0, 2, 3], false),
];

export const batchNorm: PortableRule<'batchNorm'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [x, scale, shift] = node.inputs;
  if (x === undefined) return [];
  const channels = channelsOf(x, node.path);
  const mean = w.reduceMean(low.plain(x), [0, 2, 3], true);
  const centred = w.sub(low.plain(x), mean);
  const variance = w.reduceMean(w.mul(centred, centred), [0, 2, 3], true);
  const std = w.one('Sqrt', [w.add(variance, low.emit.scalar(node.attributes.epsilon))]);
  const inverseStd = w.one('Reciprocal', [std]);
  const factor = scale === undefined ? inverseStd : w.mul(inverseStd, channelName(w, scale));
  const scaled = w.mul(centred, factor);
  const y = shift === undefined ? scaled : w.add(scaled, channelName(w, shift));
  const flat = (name: string, index: number): string => {
    const value = node.outputs[index];
    return value !== undefined && low.used(value) ? w.reshape(name, [channels]) : '';
  };
  return [y, flat(mean, 1), flat(variance, 2), flat(inverseStd, 3)];
};

function channelName(w: Writer, vector: Value): string {
  return w.asChannel(w.low.plain(vector), fixed(vector.shape[0], w.path));
}

export const batchNormGrad: PortableRule<'batchNormGrad'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [dy, x, scale] = [valueAt(node.inputs, 0), valueAt(node.inputs, 2), node.inputs[5]];
  const [dyMean, mean, inverseStd] = [1, 3, 4].map((index) => channelName(w, valueAt(node.inputs, index)));
  if (dyMean === undefined || mean === undefined || inverseStd === undefined) return [];
  const xhat = w.mul(w.sub(low.plain(x), mean), inverseStd);
  const projection = w.reduceMean(w.mul(low.plain(dy), xhat), [0, 2, 3], true);
  const [dx, dscale] = node.outputs;
  const results: string[] = [''];
  if (dx !== undefined && low.used(dx)) {
    const factor = scale === undefined ? inverseStd : w.mul(inverseStd, channelName(w, scale));
    results[0] = w.mul(factor, w.sub(w.sub(low.plain(dy), dyMean), w.mul(xhat, projection)));
  }
  if (dscale !== undefined) results.push(low.used(dscale) ? scaleGradient(w, projection, node, x) : '');
  return results;
};

/** m mean(D xhat), summed over the channels for a scale of one number. */
function scaleGradient(w: Writer, projection: string, node: Node<'batchNormGrad'>, x: Value): string {
  const [images, channels, height, width] = mapShape(x, node.path);
  const size = fixed(valueAt(node.outputs, 1).shape[0], node.path);
  const total = w.mul(w.reshape(projection, [channels]), w.low.emit.scalar(images * height * width));
  return size === channels ? total : w.reduceSum(total, [0], true);
}

export const batchNormInference: PortableRule<'batchNormInference'> = (node, low) => {
  const w = new Writer(low, node.path);
  const [x, mean, variance, scale, shift] = node.inputs;
  if (x === undefined || mean === undefined || variance === undefined) return [];
  const channels = channelsOf(x, node.path);
  const constant = (value: number): string =>
    low.emit.float32(new Float32Array(channels).fill(value), [channels]);
  const inputs = [
    low.plain(x),
    scale === undefined ? constant(1) : wholeVector(w, scale, channels),
    shift === undefined ? constant(0) : wholeVector(w, shift, channels),
    low.plain(mean),
    low.plain(variance),
  ];
  return [w.one('BatchNormalization', inputs, { epsilon: float(node.attributes.epsilon) }, node.outputs[0])];
};

function wholeVector(w: Writer, vector: Value, channels: number): string {
  const name = w.low.plain(vector);
  if (vector.shape[0] === channels) return name;
  return w.one('Expand', [name, w.low.emit.int64([channels])], {}, floatType([channels]));
}
