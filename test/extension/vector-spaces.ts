// Two spaces that are none of the package's: one with a single cell type of one input, and one with three unequal ones.
import { type CellType, type SearchSpace, searchSpace } from '../../src/spaces/search-space.js';

export const VECTOR_PRIMITIVES = ['none', 'pass', 'halve', 'affine', 'rectified'] as const;
export type VectorPrimitive = (typeof VECTOR_PRIMITIVES)[number];

const derivation = { kept: 1, skip: 'pass' } as const;

/** One cell type, as a recurrent network has. */
export const SOLO: SearchSpace<'solo', VectorPrimitive> = searchSpace({
  name: 'solo',
  cellTypes: [
    { name: 'solo', title: 'Only cell', inputs: 1, nodes: 3, primitives: VECTOR_PRIMITIVES, derivation },
  ],
});

type TrioCell = 'first' | 'second' | 'third';
const trioCell = (
  name: TrioCell,
  changes: Partial<CellType<TrioCell, VectorPrimitive>>,
): CellType<TrioCell, VectorPrimitive> => ({
  name,
  title: `The ${name} cell`,
  inputs: 2,
  nodes: 2,
  primitives: VECTOR_PRIMITIVES,
  derivation: { ...derivation, kept: 2 },
  ...changes,
});

/** Three cell types that share neither inputs, nodes nor primitives. */
export const TRIO: SearchSpace<TrioCell, VectorPrimitive> = searchSpace({
  name: 'trio',
  cellTypes: [
    trioCell('first', { inputs: 1, nodes: 2 }),
    trioCell('second', { primitives: ['pass', 'affine'] }),
    trioCell('third', { nodes: 1, primitives: ['none', 'rectified', 'halve'] }),
  ],
});
