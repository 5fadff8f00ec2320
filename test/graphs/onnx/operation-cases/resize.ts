// Bilinear interpolation: larger, smaller, to and from one pixel.
import type { Pair } from '../../../../graphs/ir.js';
import { random } from '../../../support/tensors.js';
import type { OperationCase } from './case.js';

const extents: readonly (readonly [Pair, Pair])[] = [
  [
    [3, 2],
    [7, 8],
  ],
  [
    [6, 9],
    [4, 1],
  ],
  [
    [1, 1],
    [3, 4],
  ],
  [
    [4, 4],
    [4, 5],
  ],
];

const geometries = (['align-corners', 'half-pixel'] as const).flatMap((alignment) =>
  extents.map(([from, to]) => ({
    name: `${from.join('x')} to ${to.join('x')}, ${alignment}`,
    alignment,
    from,
    to,
  })),
);

export const resize: readonly OperationCase<'resize'>[] = geometries.map(({ name, alignment, from, to }) => ({
  name,
  attributes: { extent: to, alignment },
  inputs: [random([2, 3, ...from], 1)],
}));

export const resizeGrad: readonly OperationCase<'resizeGrad'>[] = geometries.map(
  ({ name, alignment, from, to }) => ({
    name,
    attributes: { inputExtent: from, alignment },
    inputs: [random([2, 3, ...to], 1)],
  }),
);
