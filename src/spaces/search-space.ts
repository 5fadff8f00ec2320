// The search space of one cell type: how many intermediate nodes, and which primitives compete on every edge. States are
// counted as DARTS counts them: 0 and 1 are the cell's inputs, 2 + i is intermediate node i. Node i has an edge from
// every earlier state, and the edges are numbered node by node:
//
//   node 0: edges 0, 1 from states 0, 1;   node 1: edges 2, 3, 4 from states 0, 1, 2;   ...
//
// A vector over the space ("entries": alphas, codes, gates) is row-major [edge][primitive].
import { type Primitive, SEARCH_PRIMITIVES } from './primitives.js';

export interface CellSpace {
  /** Intermediate nodes of a cell. */
  readonly nodes: number;
  /** Candidates of every edge, in the order of the entries. */
  readonly primitives: readonly Primitive[];
}

/** Which of the two cell types of a network. */
export type CellType = 'normal' | 'reduce';

export const CELL_TYPES: readonly CellType[] = ['normal', 'reduce'];

/** States that a cell starts with: the outputs of the two cells before it. */
export const CELL_INPUTS = 2;

/** The space of DARTS and DATA: 4 nodes, 14 edges, 8 primitives. */
export const DARTS_SPACE: CellSpace = { nodes: 4, primitives: SEARCH_PRIMITIVES };

/** Number of states that enter intermediate node `node`. */
export function inputsOfNode(node: number): number {
  return CELL_INPUTS + node;
}

/** The edge from state `input` into intermediate node `node`. */
export function edgeIndex(node: number, input: number): number {
  return firstEdge(node) + input;
}

/** The edges into intermediate node `node`, in the order of their input states. */
export function edgesOfNode(node: number): number[] {
  return Array.from({ length: inputsOfNode(node) }, (_, input) => edgeIndex(node, input));
}

/** Number of edges of a cell with `nodes` intermediate nodes. */
export function edgeCount(nodes: number): number {
  return firstEdge(nodes);
}

/** Number of entries of one cell type. */
export function entryCount(space: CellSpace): number {
  return edgeCount(space.nodes) * space.primitives.length;
}

/** sum over n < node of (2 + n). */
function firstEdge(node: number): number {
  return CELL_INPUTS * node + (node * (node - 1)) / 2;
}
