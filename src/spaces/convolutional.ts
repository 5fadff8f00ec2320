// The convolutional spaces of DARTS and DATA: a normal and a reduction cell, each of which reads the outputs of the two
// cells before it, and the names of their candidate operations as DARTS spells them. Names only: what a primitive computes is
// written in `src/networks/operations`.
import type { Genotype } from './genotype.js';
import { type Operation, type SearchSpace, type SpaceForm, searchSpace } from './search-space.js';

/** The candidates of the search space, in DARTS's order: the columns of the alphas. */
export const SEARCH_PRIMITIVES = [
  'none',
  'max_pool_3x3',
  'avg_pool_3x3',
  'skip_connect',
  'sep_conv_3x3',
  'sep_conv_5x5',
  'dil_conv_3x3',
  'dil_conv_5x5',
] as const;

/** Every primitive that a genotype may name: the searched ones and two that known genotypes use besides. */
export const PRIMITIVES = [...SEARCH_PRIMITIVES, 'sep_conv_7x7', 'conv_7x1_1x7'] as const;

export type ConvolutionalPrimitive = (typeof PRIMITIVES)[number];

/** A primitive that computes something. */
export type ConvolutionalOperation = Operation<ConvolutionalPrimitive>;

/** Names of its cell types: cells that keep the extent of maps, and those that halve it. */
export type ConvolutionalCell = 'normal' | 'reduce';

/** The genotype of a convolutional network. */
export type ConvolutionalGenotype = Genotype<ConvolutionalCell, ConvolutionalOperation>;

/** A space of convolutional networks, of however many nodes and whichever primitives. */
export type ConvolutionalSpace = SearchSpace<ConvolutionalCell, ConvolutionalPrimitive>;

/** States that a cell starts with: the outputs of the two cells before it. */
export const CELL_INPUTS = 2;

const both = { inputs: CELL_INPUTS, primitives: PRIMITIVES } as const;
const derivation = { kept: 2, skip: 'skip_connect' } as const;

/** What all genotypes of convolutional networks have in common, from whatever space. */
export const CONVOLUTIONAL_FORM: SpaceForm<ConvolutionalCell, ConvolutionalPrimitive> = {
  name: 'convolutional',
  cellTypes: [
    { name: 'normal', title: 'Normal cell', ...both, derivation: { ...derivation, stoppingSkips: 2 } },
    { name: 'reduce', title: 'Reduction cell', ...both, derivation },
  ],
};

/** The space whose cells both have these nodes and these primitives. @throws GenonnxError `usage`. */
export function convolutionalSpace(
  name: string,
  { nodes, primitives }: { readonly nodes: number; readonly primitives: readonly ConvolutionalPrimitive[] },
): ConvolutionalSpace {
  const cellTypes = CONVOLUTIONAL_FORM.cellTypes.map((form) => ({ ...form, nodes, primitives }));
  return searchSpace({ name, cellTypes });
}

/** The space of DARTS and DATA: 4 nodes, 14 edges, 8 primitives in each cell. */
export const DARTS_SPACE: ConvolutionalSpace = convolutionalSpace('darts', {
  nodes: 4,
  primitives: SEARCH_PRIMITIVES,
});

const NAMES: ReadonlySet<string> = new Set(PRIMITIVES);

export function isPrimitive(name: string): name is ConvolutionalPrimitive {
  return NAMES.has(name);
}
