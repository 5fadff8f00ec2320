// A genotype: what a search found, and all that is needed to build the network of it. States are counted as in
// `search-space.ts`: 0 and 1 are the cell's inputs, 2 + i is intermediate node i.
import type { Operation } from './primitives.js';

/** One operation of an intermediate node, applied to the state `input`. */
export interface GenotypeEntry {
  readonly primitive: Operation;
  readonly input: number;
}

/** A cell: what each of its intermediate nodes does to which states. */
export interface CellGenotype {
  /** For every intermediate node its operations, whose outputs are added up. None is empty. */
  readonly nodes: readonly (readonly GenotypeEntry[])[];
  /** The states whose concatenation is the cell's output, at least one, in order. */
  readonly concat: readonly number[];
}

/** The two cells that a network is built of. */
export interface Genotype {
  readonly normal: CellGenotype;
  readonly reduce: CellGenotype;
}
