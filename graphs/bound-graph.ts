// A graph whose weights are known: what is compiled, folded, and shipped to other runtimes.
import type { Graph, Value } from './ir.js';

/** A graph input that has a fixed value. */
export interface BoundWeight {
  /** Readable and unique: the name of the initializer. */
  readonly name: string;
  /** Row-major, as many elements as the value has. */
  readonly data: Float32Array;
}

export interface BoundGraph {
  readonly graph: Graph;
  /** Of the graph's inputs, those that are weights; the others are fed. */
  readonly weights: ReadonlyMap<Value, BoundWeight>;
}

/** The inputs that are fed when the graph runs. */
export function fedInputs({ graph, weights }: BoundGraph): Value[] {
  return graph.inputs.filter((value) => !weights.has(value));
}
