// The recurrent spaces of DARTS and DATA: one cell, whose state 0 is s_0, the highway of x_t and h_{t-1} that every cell
// begins with, and whose nodes 0, 1, ... are the searched states s_1, s_2, ... Its output h_t is the mean of the states that
// it concatenates. Names only: what a primitive computes is written with the recurrent networks.
import type { Genotype } from './genotype.js';
import { type Operation, type SearchSpace, type SpaceForm, searchSpace } from './search-space.js';

/** The candidates of the search space, in DARTS's order: the columns of the alphas. `none` drops the edge. */
export const RECURRENT_PRIMITIVES = ['none', 'tanh', 'relu', 'sigmoid', 'identity'] as const;

export type RecurrentPrimitive = (typeof RECURRENT_PRIMITIVES)[number];

/** A primitive that computes something: the activation of a node's candidate state. */
export type RecurrentOperation = Operation<RecurrentPrimitive>;

/** Name of its only cell type. */
export type RecurrentCell = 'recurrent';

/** The genotype of a recurrent network. */
export type RecurrentGenotype = Genotype<RecurrentCell, RecurrentOperation>;

/** A space of recurrent networks, of however many nodes and whichever primitives. */
export type RecurrentSpace = SearchSpace<RecurrentCell, RecurrentPrimitive>;

/**
 * What all genotypes of recurrent networks have in common, from whatever space. No primitive is a skip: `identity` is linear, but
 * it has the gate and the matrix of its node like any other, s + c (g - s), and passes no state on as it is. A cell full of it
 * has not collapsed in the sense of DARTS+, whose rule therefore does not look at recurrent cells.
 */
export const RECURRENT_FORM: SpaceForm<RecurrentCell, RecurrentPrimitive> = {
  name: 'recurrent',
  cellTypes: [
    {
      name: 'recurrent',
      title: 'Recurrent cell',
      inputs: 1,
      // s_0 is computed as the nodes are, and a genotype may count it in; no derived one does.
      inputsInOutput: true,
      primitives: RECURRENT_PRIMITIVES,
      derivation: { kept: 1 },
    },
  ],
};

/** The space of a cell with these nodes and these primitives. @throws GenonnxError `usage`. */
export function recurrentSpace(
  name: string,
  { nodes, primitives }: { readonly nodes: number; readonly primitives: readonly RecurrentPrimitive[] },
): RecurrentSpace {
  const cellTypes = RECURRENT_FORM.cellTypes.map((form) => ({ ...form, nodes, primitives }));
  return searchSpace({ name, cellTypes });
}

/** The space of DARTS and DATA: 8 nodes, 36 edges, 5 primitives. */
export const RECURRENT_SPACE: RecurrentSpace = recurrentSpace('recurrent', {
  nodes: 8,
  primitives: RECURRENT_PRIMITIVES,
});
