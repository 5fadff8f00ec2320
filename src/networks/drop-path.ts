// Drop path: while training, each operation of a cell that is no identity is multiplied by a mask for each image.
import type { Builder } from '../../graphs/builder.js';
import type { Value } from '../../graphs/ir.js';
import { fixed } from '../../graphs/shapes.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { cellType } from './cells.js';
import { type DropPath, droppedPaths } from './derived-cell.js';

/** Hands out one mask after the other, in the order of the operations. */
export function maskedPaths(g: Builder, masks: Value): DropPath {
  const [count, images] = [fixed(masks.shape[0], 'dropMasks'), fixed(masks.shape[1], 'dropMasks')];
  const rows = g.split(masks, 0, new Array<number>(count).fill(1));
  let next = 0;
  return (path) => {
    const row = rows[next++];
    if (row === undefined) throw new RangeError('fewer masks than paths');
    return g.mul(path, g.reshape(row, [images, 1, 1, 1]));
  };
}

/** Masks that a network needs: one for each operation that is no identity. */
export function droppedPathCount(genotype: ConvolutionalGenotype, cells: number): number {
  let count = 0;
  for (let index = 0; index < cells; index++) {
    const type = cellType(index, cells);
    count += droppedPaths(genotype[type], type);
  }
  return count;
}
