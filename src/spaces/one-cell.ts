// A space that is small enough to train every network of it: a single searched cell with one input, two nodes and three edges,
//
//   state 0, the input  ->  state 1, node 0     edge 0
//                       ->  state 2, node 1     edge 1, and from node 0 edge 2
//
// and on each edge any subset of a skip connection, a separable convolution and a pooling: (2^3)^3 = 512 codes. Its last node is
// its output. What stands between the cells is fixed (`src/networks/one-cell`). `none` is a candidate that a method can draw:
// without it one that draws at least one entry of each edge could leave none of them empty.
import type { ConvolutionalPrimitive } from './convolutional.js';
import type { Genotype } from './genotype.js';
import { type Operation, type SearchSpace, type SpaceForm, searchSpace } from './search-space.js';

/** The candidates of an edge: the columns of the alphas. */
export const ONE_CELL_PRIMITIVES = [
  'none',
  'skip_connect',
  'sep_conv_3x3',
  'avg_pool_3x3',
] as const satisfies readonly ConvolutionalPrimitive[];

export type OneCellPrimitive = (typeof ONE_CELL_PRIMITIVES)[number];

/** Name of its only cell type. */
export type OneCellCell = 'cell';

export type OneCellGenotype = Genotype<OneCellCell, Operation<OneCellPrimitive>>;

export type OneCellSpace = SearchSpace<OneCellCell, OneCellPrimitive>;

const cellType = {
  name: 'cell',
  title: 'Cell',
  inputs: 1,
  output: 'last',
  primitives: ONE_CELL_PRIMITIVES,
  derivation: { kept: 1, skip: 'skip_connect' },
} as const;

/** What all genotypes of a single cell have in common, of however many nodes. */
export const ONE_CELL_FORM: SpaceForm<OneCellCell, OneCellPrimitive> = {
  name: 'one-cell',
  cellTypes: [cellType],
};

/** The space of 512 codes. */
export const ONE_CELL_SPACE: OneCellSpace = searchSpace({
  name: 'one-cell',
  cellTypes: [{ ...cellType, nodes: 2 }],
});
