// Convolutions, dense, in groups and depthwise: odd and even extents, strides that leave a rest, dilation.
import type { ConvolutionAttributes, Pair, ReductionAttributes } from '../../../../graphs/ir.js';
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
    square('depthwise 3x3 dilated by four', extent, { kernel: 3, padding: 4, dilation: 4, ...depthwise }),
    square('dense 3x3 dilated beyond the map', extent, { kernel: 3, padding: 12, dilation: 12 }),
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

const weightsOf = (seed: number) => [random([2, 3, 1, 1], seed), random([2, 3, 1, 1], seed + 1)];

/** Odd extents, other strides and shifts; a map that lies within the shift. */
const reductions: readonly (ReductionAttributes & { readonly name: string; readonly extent: Pair })[] = [
  { name: '8x6', extent: [8, 6] },
  { name: '2x2', extent: [2, 2] },
  { name: '7x5', extent: [7, 5] },
  { name: '8x5', extent: [8, 5] },
  { name: '1x1', extent: [1, 1] },
  { name: '7x6 by one', extent: [7, 6], stride: 1, shift: 1 },
  { name: '7x6 by one, shifted by two', extent: [7, 6], stride: 1, shift: 2 },
  { name: '9x8 by two, shifted by three', extent: [9, 8], stride: 2, shift: 3 },
  { name: '2x3 by one, shifted by four', extent: [2, 3], stride: 1, shift: 4 },
];

function reductionCase(reduction: (typeof reductions)[number]) {
  const { name, extent, ...attributes } = reduction;
  const { stride = 2 } = attributes;
  const output = extent.map((size) => Math.ceil(size / stride));
  const usual = attributes.stride === undefined && extent.every((size) => size % 2 === 0);
  const ofInput = usual ? attributes : { ...attributes, inputExtent: extent };
  return { name, attributes, ofInput, x: random([2, 3, ...extent], 1), y: random([2, 4, ...output], 2) };
}

export const factorizedReduce: readonly OperationCase<'factorizedReduce'>[] = reductions
  .map(reductionCase)
  .map(({ name, attributes, x }) => ({ name, attributes, inputs: [x, ...weightsOf(2)] }));

export const factorizedReduceInputGrad: readonly OperationCase<'factorizedReduceInputGrad'>[] = reductions
  .map(reductionCase)
  .map(({ name, ofInput, y }) => ({ name, attributes: ofInput, inputs: [y, ...weightsOf(2)] }));

export const factorizedReduceWeightGrad: readonly OperationCase<'factorizedReduceWeightGrad'>[] = reductions
  .map(reductionCase)
  .map(({ name, attributes, x, y }) => ({ name, attributes, inputs: [x, y] }));
