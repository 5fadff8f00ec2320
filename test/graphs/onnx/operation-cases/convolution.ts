// Convolutions, dense, in groups and depthwise: odd and even extents, strides that leave a rest, dilation.
import type { ConvolutionAttributes, Pair } from '../../../../graphs/ir.js';
import { windowOutput } from '../../../../graphs/shapes.js';
import { random } from '../../../support/tensors.js';
import type { OperationCase } from './case.js';

interface Geometry extends ConvolutionAttributes {
  readonly name: string;
  readonly channels: number;
  readonly outputs: number;
  readonly extent: Pair;
  readonly kernel: Pair;
}

interface Square {
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
  readonly channels?: number;
  readonly outputs?: number;
}

function square(name: string, extent: Pair, options: Square): Geometry {
  const { kernel, stride = 1, padding = 0, dilation = 1, groups = 1, channels = 3, outputs = 4 } = options;
  return {
    name: `${name}, ${extent.join('x')}`,
    channels,
    outputs,
    extent,
    kernel: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    dilations: [dilation, dilation],
    groups,
  };
}

const depthwise = { groups: 4, channels: 4, outputs: 4 };
const extents: readonly Pair[] = [
  [8, 8],
  [7, 9],
];

const geometries: readonly Geometry[] = [
  ...extents.flatMap((extent) => [
    square('dense 3x3', extent, { kernel: 3, padding: 1 }),
    square('dense 3x3 by two', extent, { kernel: 3, padding: 1, stride: 2 }),
    square('dense 3x3 dilated', extent, { kernel: 3, padding: 2, dilation: 2 }),
    square('dense 3x3 dilated by two', extent, { kernel: 3, padding: 2, dilation: 2, stride: 2 }),
    square('dense 1x1', extent, { kernel: 1 }),
    square('dense 1x1 by two', extent, { kernel: 1, stride: 2 }),
    square('depthwise 3x3', extent, { kernel: 3, padding: 1, ...depthwise }),
    square('depthwise 3x3 by two', extent, { kernel: 3, padding: 1, stride: 2, ...depthwise }),
    square('depthwise 5x5 by two', extent, { kernel: 5, padding: 2, stride: 2, ...depthwise }),
    square('depthwise 3x3 dilated', extent, { kernel: 3, padding: 2, dilation: 2, ...depthwise }),
    square('depthwise 5x5 dilated by two', extent, {
      kernel: 5,
      padding: 4,
      dilation: 2,
      stride: 2,
      ...depthwise,
    }),
    square('two groups', extent, { kernel: 3, padding: 1, groups: 2, channels: 4, outputs: 6 }),
    square('two groups by two', extent, {
      kernel: 3,
      padding: 1,
      stride: 2,
      groups: 2,
      channels: 4,
      outputs: 6,
    }),
    square('two kernels a channel', extent, {
      kernel: 3,
      padding: 1,
      stride: 2,
      groups: 3,
      channels: 3,
      outputs: 6,
    }),
    square('a rest of two', extent, { kernel: 2, stride: 3 }),
  ]),
  square('one channel to many', [6, 6], { kernel: 3, padding: 1, channels: 1, outputs: 5 }),
  {
    name: 'nothing alike',
    channels: 2,
    outputs: 3,
    extent: [9, 8],
    kernel: [3, 2],
    strides: [2, 1],
    pads: [0, 1, 2, 0],
    dilations: [1, 3],
    groups: 1,
  },
];

const images = 2;
const inputShape = ({ channels, extent }: Geometry): number[] => [images, channels, ...extent];
const weightShape = ({ outputs, channels, groups, kernel }: Geometry): number[] => [
  outputs,
  channels / groups,
  ...kernel,
];
const outputShape = (geometry: Geometry): number[] => [
  images,
  geometry.outputs,
  ...windowOutput(inputShape(geometry), geometry.kernel, geometry, 'test'),
];
const attributesOf = ({ strides, pads, dilations, groups }: Geometry): ConvolutionAttributes => ({
  strides,
  pads,
  dilations,
  groups,
});

export const conv2d: readonly OperationCase<'conv2d'>[] = geometries.flatMap((geometry, i) => {
  const inputs = [random(inputShape(geometry), 1), random(weightShape(geometry), 2)];
  const plain = { name: geometry.name, attributes: attributesOf(geometry), inputs };
  if (i > 0) return [plain];
  const biased = [...inputs, random([geometry.outputs], 3)];
  return [plain, { ...plain, name: `${geometry.name} with bias`, inputs: biased }];
});

export const conv2dInputGrad: readonly OperationCase<'conv2dInputGrad'>[] = geometries.map((geometry) => ({
  name: geometry.name,
  attributes: { ...attributesOf(geometry), inputExtent: geometry.extent },
  inputs: [random(outputShape(geometry), 1), random(weightShape(geometry), 2)],
}));

export const conv2dWeightGrad: readonly OperationCase<'conv2dWeightGrad'>[] = geometries.map((geometry) => ({
  name: geometry.name,
  attributes: { ...attributesOf(geometry), kernel: geometry.kernel },
  inputs: [random(inputShape(geometry), 1), random(outputShape(geometry), 2)],
}));

const weights = [random([2, 3, 1, 1], 2), random([2, 3, 1, 1], 3)];

export const factorizedReduce: readonly OperationCase<'factorizedReduce'>[] = [
  { name: '8x6', attributes: {}, inputs: [random([2, 3, 8, 6], 1), ...weights] },
  { name: '2x2', attributes: {}, inputs: [random([1, 3, 2, 2], 1), ...weights] },
];

export const factorizedReduceInputGrad: readonly OperationCase<'factorizedReduceInputGrad'>[] = [
  { name: '8x6', attributes: {}, inputs: [random([2, 4, 4, 3], 1), ...weights] },
  { name: '2x2', attributes: {}, inputs: [random([1, 4, 1, 1], 1), ...weights] },
];

export const factorizedReduceWeightGrad: readonly OperationCase<'factorizedReduceWeightGrad'>[] = [
  { name: '8x6', attributes: {}, inputs: [random([2, 3, 8, 6], 1), random([2, 4, 4, 3], 2)] },
  { name: '2x2', attributes: {}, inputs: [random([1, 3, 2, 2], 1), random([1, 4, 1, 1], 2)] },
];
