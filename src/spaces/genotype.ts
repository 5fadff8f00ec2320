// A genotype: what a search found, and all that is needed to build the network of it: a cell for every cell type of its
// space, in the space's order. States are counted as in `search-space.ts`: the cell's inputs first, then the nodes.
import type { PerCellType } from './search-space.js';

/** One operation of an intermediate node, applied to the state `input`. */
export interface GenotypeEntry<Operation extends string = string> {
  readonly primitive: Operation;
  readonly input: number;
}

/** A cell: what each of its intermediate nodes does to which states. */
export interface CellGenotype<Operation extends string = string> {
  /** For every intermediate node its operations, whose outputs are added up. None is empty. */
  readonly nodes: readonly (readonly GenotypeEntry<Operation>[])[];
  /** The states that together are the cell's output (side by side, in convolutional cells), at least one, in order. */
  readonly concat: readonly number[];
}

/** The cells by the names of their types. */
export type Genotype<Name extends string = string, Operation extends string = string> = PerCellType<
  Name,
  CellGenotype<Operation>
>;
