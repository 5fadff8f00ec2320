// What cells of each kind are called and explained by on a page.
import type { GenotypeKind } from '../spaces/kinds.js';

export interface CellWords {
  /** What a drawing shows. */
  readonly drawing: string;
  /** A state of a cell that starts with `inputs` of them. */
  state(state: number, inputs: number): string;
  /** A node, by its number from 0. */
  node(node: number): string;
  /** Whether a primitive passes a state on as it is, so that it says something how many of them there are. */
  readonly hasSkips: boolean;
}

export const cellWords: { readonly [K in GenotypeKind]: CellWords } = {
  convolutional: {
    drawing:
      'States from left to right: the outputs of the two cells before, the intermediate nodes, and the output, which concatenates the nodes with dashed arrows. A node adds up the operations that enter it.',
    state: (state, inputs) => (state < inputs ? `c_{k-${inputs - state}}` : `node ${state - inputs}`),
    node: (node) => `Node ${node}`,
    hasSkips: true,
  },
  recurrent: {
    drawing:
      'States from left to right: the word x_t and the state h_{t-1} before it make state 0, each further state follows from those whose operations enter it, through a gate, and h_t is the mean of the states with dashed arrows.',
    state: (state) => `state ${state}`,
    node: (node) => `State ${node + 1}`,
    hasSkips: false,
  },
  'one-cell': {
    drawing:
      'States from left to right: the input of the cell, its nodes, and its output, which is the last node. A node adds up the operations that enter it.',
    state: (state, inputs) => (state < inputs ? 'input' : `node ${state - inputs}`),
    node: (node) => `Node ${node}`,
    hasSkips: true,
  },
};
