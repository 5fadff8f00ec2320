// What runs: a graph, of whose inputs and outputs some are state. State is flat float vectors by name (parameters, what an
// optimizer remembers, statistics); it stays with whoever runs the program, and several programs may share it.
import type { Graph } from './ir.js';

export interface Program {
  readonly name: string;
  readonly graph: Graph;
  /** Graph inputs that are bound to state: input path -> state name. */
  readonly stateInputs: Readonly<Record<string, string>>;
  /** Graph outputs that become the new state: output name -> state name. */
  readonly stateOutputs: Readonly<Record<string, string>>;
  /** An output of one number. Where it is not finite the state stays as it was before the run. */
  readonly guard?: string;
}

/** The vectors of a state by name, with their sizes in elements. */
export type StateLayout = Readonly<Record<string, number>>;

/** A flat vector of a state. */
export interface StateVector {
  /** [elements]. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What the vectors hold, by name. */
export type StateVectors = Readonly<Record<string, StateVector>>;
