// Batch norm, with every choice of affine inputs, and with a mean that is large beside the deviation.
import { positive, random } from '../../../support/tensors.js';
import { around, channelMeanOf, type OperationCase } from './case.js';

const epsilon = 1e-5;
const channels = 3;
const shape = [2, channels, 5, 4];
const scale = random([channels], 5);
const shift = random([channels], 6);
const one = random([1], 7);

/** Inputs near 100 come with an error of 4e-6, and a mean of a thousand of them with one of a few units. */
const farTolerance = { absolute: 5e-5, relative: 1e-5 };
const far = around(100, [4, channels, 16, 16], 8);

export const batchNorm: readonly OperationCase<'batchNorm'>[] = [
  { name: 'not affine', attributes: { epsilon, affine: 'none' }, inputs: [random(shape)] },
  { name: 'scaled', attributes: { epsilon, affine: 'scale' }, inputs: [random(shape), scale] },
  { name: 'scaled by one number', attributes: { epsilon, affine: 'scale' }, inputs: [random(shape), one] },
  { name: 'affine', attributes: { epsilon, affine: 'scale-shift' }, inputs: [random(shape), scale, shift] },
  { name: 'far', attributes: { epsilon, affine: 'none' }, inputs: [far], tolerance: farTolerance },
  {
    name: 'constant',
    attributes: { epsilon, affine: 'none' },
    inputs: [{ shape, data: random(shape).data.fill(0.5) }],
  },
];

export const channelMean: readonly OperationCase<'channelMean'>[] = [
  { name: 'near', attributes: {}, inputs: [random(shape)] },
  { name: 'far', attributes: {}, inputs: [far], tolerance: farTolerance },
];

const dy = random(shape, 1);
/** The mean of the cotangent belongs to it; the formulas hold for any other statistics. */
const gradInputs = [dy, channelMeanOf(dy), random(shape, 3), random([channels], 4)];
const inverseStd = positive([channels], 5);

export const batchNormGrad: readonly OperationCase<'batchNormGrad'>[] = [
  { name: 'not affine', attributes: { epsilon, affine: 'none' }, inputs: [...gradInputs, inverseStd] },
  { name: 'scaled', attributes: { epsilon, affine: 'scale' }, inputs: [...gradInputs, inverseStd, scale] },
  {
    name: 'scaled by one number',
    attributes: { epsilon, affine: 'scale' },
    inputs: [...gradInputs, inverseStd, one],
  },
];

const taken = [random(shape, 3), random([channels], 4), inverseStd];

export const batchNormApply: readonly OperationCase<'batchNormApply'>[] = [
  { name: 'not affine', attributes: { affine: 'none' }, inputs: taken },
  { name: 'scaled', attributes: { affine: 'scale' }, inputs: [...taken, scale] },
  { name: 'scaled by one number', attributes: { affine: 'scale' }, inputs: [...taken, one] },
  { name: 'affine', attributes: { affine: 'scale-shift' }, inputs: [...taken, scale, shift] },
];

const running = [random(shape), random([channels], 2), positive([channels], 3)];

export const batchNormInference: readonly OperationCase<'batchNormInference'>[] = [
  { name: 'not affine', attributes: { epsilon, affine: 'none' }, inputs: running },
  { name: 'scaled', attributes: { epsilon, affine: 'scale' }, inputs: [...running, scale] },
  { name: 'scaled by one number', attributes: { epsilon, affine: 'scale' }, inputs: [...running, one] },
  { name: 'affine', attributes: { epsilon, affine: 'scale-shift' }, inputs: [...running, scale, shift] },
  {
    name: 'shifted by one number',
    attributes: { epsilon, affine: 'scale-shift' },
    inputs: [...running, scale, one],
  },
];
