// A graph whose weights are known: what is compiled, folded, and shipped to other runtimes.
import type { Graph, Node, Value } from './ir.js';

/** A graph input that has a fixed value. */
export interface BoundWeight {
  /** Readable and unique: the name of the initializer. */
  readonly name: string;
  /** Row-major, as many elements as the value has. */
  readonly data: Float32Array;
}

/** A graph with the values of its weights: a whole model, before it is written in any form. */
export interface BoundGraph {
  readonly graph: Graph;
  /** Of the graph's inputs, those that are weights; the others are fed. */
  readonly weights: ReadonlyMap<Value, BoundWeight>;
}

/**
 * The same weights, in their order, each with a name of its own: the first of a name keeps it, and later ones (copies that
 * a pass made of a shared weight) get `/1`, `/2` and so on, past the names that other weights have.
 */
export function uniquelyNamed(weights: ReadonlyMap<Value, BoundWeight>): Map<Value, BoundWeight> {
  const taken = new Set([...weights.values()].map(({ name }) => name));
  const kept = new Set<string>();
  return new Map(
    [...weights].map(([value, weight]) => {
      let name = weight.name;
      for (let i = 1; kept.has(weight.name) && taken.has(name); i++) name = `${weight.name}/${i}`;
      kept.add(weight.name);
      taken.add(name);
      return [value, name === weight.name ? weight : { ...weight, name }] as const;
    }),
  );
}

/** A bound graph with other nodes, and with those of the weights that are read, each with a name of its own. */
export function withNodes(
  { graph, weights }: BoundGraph,
  nodes: readonly Node[],
  known: ReadonlyMap<Value, BoundWeight>,
): BoundGraph {
  const read = new Set([
    ...nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ value }) => value),
  ]);
  const used = uniquelyNamed(new Map([...known].filter(([value]) => read.has(value))));
  const fed = graph.inputs.filter((value) => !weights.has(value));
  return { graph: { inputs: [...fed, ...used.keys()], nodes, outputs: graph.outputs }, weights: used };
}

/** The inputs that are fed when the graph runs. */
export function fedInputs({ graph, weights }: BoundGraph): Value[] {
  return graph.inputs.filter((value) => !weights.has(value));
}
