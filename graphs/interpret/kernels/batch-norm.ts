// Batch normalisation, by its formulas (see the operation): means first, then the squares of what is left, so that
// nothing cancels.
import { addTo, at, extent, type Tensor, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

/** Calls `visit` with each element and its channel. */
function forEachElement(x: Tensor, visit: (element: number, channel: number) => void): void {
  const channels = extent(x, 1);
  const pixels = extent(x, 2) * extent(x, 3);
  for (let map = 0; map < extent(x, 0) * channels; map++)
    for (let i = map * pixels; i < (map + 1) * pixels; i++) visit(i, map % channels);
}

/** The mean over images and pixels of a function of the elements. */
function meanOf(x: Tensor, of: (element: number, channel: number) => number): Tensor {
  const mean = zeroTensor([extent(x, 1)]);
  forEachElement(x, (i, c) => addTo(mean.data, c, of(i, c)));
  const count = x.data.length / extent(x, 1);
  return { shape: mean.shape, data: mean.data.map((sum) => sum / count) };
}

/** A channel's entry of an affine input, which may hold one number for all; `otherwise` where there is none. */
function entry(part: Tensor | undefined, channel: number, otherwise: number): number {
  return part === undefined ? otherwise : at(part.data, part.data.length === 1 ? 0 : channel);
}

function apply(x: Tensor, mean: Tensor, inverseStd: Tensor, scale?: Tensor, shift?: Tensor): Tensor {
  const y = zeroTensor(x.shape);
  forEachElement(x, (i, c) => {
    const normalised = (at(x.data, i) - at(mean.data, c)) * at(inverseStd.data, c);
    y.data[i] = entry(scale, c, 1) * normalised + entry(shift, c, 0);
  });
  return y;
}

function invertStd(variance: Tensor, epsilon: number): Tensor {
  return { shape: variance.shape, data: variance.data.map((v) => 1 / Math.sqrt(v + epsilon)) };
}

export const channelMean: Kernel<'channelMean'> = (inputs) => {
  const x = operand(inputs, 0);
  return [meanOf(x, (i) => at(x.data, i))];
};

export const batchNorm: Kernel<'batchNorm'> = (inputs, { epsilon }) => {
  const x = operand(inputs, 0);
  const mean = meanOf(x, (i) => at(x.data, i));
  const variance = meanOf(x, (i, c) => (at(x.data, i) - at(mean.data, c)) ** 2);
  const inverseStd = invertStd(variance, epsilon);
  return [apply(x, mean, inverseStd, inputs[1], inputs[2]), mean, variance, inverseStd];
};

export const batchNormApply: Kernel<'batchNormApply'> = (inputs) => [
  apply(operand(inputs, 0), operand(inputs, 1), operand(inputs, 2), inputs[3], inputs[4]),
];

export const batchNormInference: Kernel<'batchNormInference'> = (inputs, { epsilon }) => {
  const inverseStd = invertStd(operand(inputs, 2), epsilon);
  return [apply(operand(inputs, 0), operand(inputs, 1), inverseStd, inputs[3], inputs[4])];
};

export const batchNormGrad: Kernel<'batchNormGrad'> = (inputs) => {
  const dy = operand(inputs, 0);
  const dyMean = operand(inputs, 1);
  const x = operand(inputs, 2);
  const mean = operand(inputs, 3);
  const inverseStd = operand(inputs, 4);
  const scale = inputs[5];
  const normalised = apply(x, mean, inverseStd);
  // The mean of D xhat: dscale / m for a scale per channel.
  const projection = meanOf(x, (i) => at(dy.data, i) * at(normalised.data, i));
  const dx = zeroTensor(x.shape);
  forEachElement(x, (i, c) => {
    const centred = at(dy.data, i) - at(dyMean.data, c) - at(normalised.data, i) * at(projection.data, c);
    dx.data[i] = entry(scale, c, 1) * at(inverseStd.data, c) * centred;
  });
  if (scale === undefined) return [dx];
  const dscale = zeroTensor(scale.shape);
  forEachElement(x, (i, c) =>
    addTo(dscale.data, scale.data.length === 1 ? 0 : c, at(dy.data, i) * at(normalised.data, i)),
  );
  return [dx, dscale];
};
