// Pooling: overlapping and disjoint windows, odd and even extents, rests, ties.
import type { Pair, PoolAttributes } from '../../../../graphs/ir.js';
import { windowOutput } from '../../../../graphs/shapes.js';
import { distinct, random } from '../../../support/tensors.js';
import { filled, integers, type OperationCase } from './case.js';

interface Geometry extends PoolAttributes {
  readonly name: string;
  readonly extent: Pair;
}

function square(extent: Pair, kernel: number, stride: number, padding: number): Geometry {
  return {
    name: `${kernel}x${kernel} by ${stride}, ${extent.join('x')}`,
    extent,
    kernel: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

const geometries: readonly Geometry[] = [
  square([8, 8], 3, 1, 1),
  square([8, 8], 3, 2, 1),
  square([7, 9], 3, 1, 1),
  square([7, 9], 3, 2, 1),
  square([7, 9], 2, 2, 0),
  square([8, 7], 5, 3, 0),
  { name: 'nothing alike', extent: [8, 9], kernel: [3, 2], strides: [1, 3], pads: [1, 0, 2, 1] },
  // ONNX Runtime refuses padding as wide as the kernel.
  dilated([7, 9], 2, 1, 2),
  dilated([9, 8], 4, 1, 4),
  dilated([3, 5], 4, 1, 4),
  dilated([9, 8], 2, 2, 2),
  dilated([8, 9], 3, 1, 1),
  { ...dilated([8, 9], 2, 1, 2), name: 'dilated in height', pads: [2, 1, 2, 1], dilations: [2, 1] },
];

function dilated(extent: Pair, dilation: number, stride: number, padding: number): Geometry {
  const windows = square(extent, 3, stride, padding);
  return { ...windows, name: `${windows.name}, dilated by ${dilation}`, dilations: [dilation, dilation] };
}

const planes = [2, 3];
const inputShape = ({ extent }: Geometry): number[] => [...planes, ...extent];
const outputShape = (geometry: Geometry): number[] => [
  ...planes,
  ...windowOutput(inputShape(geometry), geometry.kernel, geometry, 'test'),
];
const attributesOf = ({ name: _name, extent: _extent, ...attributes }: Geometry): PoolAttributes =>
  attributes;

const tied = geometries.flatMap((geometry) => {
  const shape = inputShape(geometry);
  return [
    { what: 'distinct', geometry, x: distinct(shape, 1) },
    { what: 'constant', geometry, x: filled(shape, -2) },
    { what: 'few values', geometry, x: integers(shape, -1, 1) },
    { what: 'rectified', geometry, x: { shape, data: random(shape, 1).data.map((v) => Math.max(v, 0)) } },
  ];
});

export const maxPool2d: readonly OperationCase<'maxPool2d'>[] = tied.map(({ what, geometry, x }) => ({
  name: `${geometry.name}, ${what}`,
  attributes: attributesOf(geometry),
  inputs: [x],
}));

export const maxPool2dGrad: readonly OperationCase<'maxPool2dGrad'>[] = tied.map(({ what, geometry, x }) => ({
  name: `${geometry.name}, ${what}`,
  attributes: attributesOf(geometry),
  inputs: [x, random(outputShape(geometry), 2)],
}));

export const averagePool2d: readonly OperationCase<'averagePool2d'>[] = geometries.map((geometry) => ({
  name: geometry.name,
  attributes: attributesOf(geometry),
  inputs: [random(inputShape(geometry), 1)],
}));

export const averagePool2dGrad: readonly OperationCase<'averagePool2dGrad'>[] = geometries.map(
  (geometry) => ({
    name: geometry.name,
    attributes: { ...attributesOf(geometry), inputExtent: geometry.extent },
    inputs: [random(outputShape(geometry), 1)],
  }),
);

export const globalAveragePool: readonly OperationCase<'globalAveragePool'>[] = [
  { name: '5x4', attributes: {}, inputs: [random([2, 3, 5, 4])] },
  { name: '1x1', attributes: {}, inputs: [random([2, 3, 1, 1])] },
];

export const globalAveragePoolGrad: readonly OperationCase<'globalAveragePoolGrad'>[] = [
  { name: '5x4', attributes: { inputExtent: [5, 4] }, inputs: [random([2, 3])] },
  { name: '1x1', attributes: { inputExtent: [1, 1] }, inputs: [random([2, 3])] },
];
