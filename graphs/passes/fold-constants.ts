// Calculates what depends on weights and constants alone: those nodes are interpreted in float64, and their results,
// rounded to float32, are weights of the graph that is left. A constant becomes a weight under its path, and a result has
// the name of the first weight that it is made of. Requires nothing; ensures the same outputs up to rounding. What nodes and
// weights there are in the end depends on the graph only, not on the numbers (which may be absent: arrays of no length).
import { type BoundGraph, type BoundWeight, withNodes } from '../bound-graph.js';
import { interpret, type Tensor, tensor } from '../interpret/interpret.js';
import type { Node, Value } from '../ir.js';
import { fixedShape } from '../shapes.js';

/** A bound graph every node of which reads, directly or not, something that is fed. */
export function foldConstants(source: BoundGraph): BoundGraph {
  const known = new Map(source.weights);
  const nodes = source.graph.nodes.filter((node) => {
    const found = evaluated(node, known);
    for (const [value, weight] of found ?? []) known.set(value, weight);
    return found === undefined;
  });
  return withNodes(source, nodes, known);
}

/** The results as weights; undefined where one is no float32, or depends on what is fed. */
function evaluated(
  node: Node,
  known: BoundGraph['weights'],
): readonly (readonly [Value, BoundWeight])[] | undefined {
  const operands = node.inputs.map((value) => known.get(value));
  if (!operands.every((operand) => operand !== undefined)) return undefined;
  if (node.outputs.some(({ dtype }) => dtype !== 'float32')) return undefined;
  const name = operands[0]?.name ?? (node.path || 'constant');
  const isKnown = operands.every(({ data }) => data.length > 0);
  const results = isKnown ? interpreted(node, operands) : [];
  return node.outputs.map((value, i) => [value, { name, data: results[i] ?? new Float32Array(0) }]);
}

function interpreted(node: Node, operands: readonly BoundWeight[]): Float32Array[] {
  const outputs = node.outputs.map((value, i) => ({ name: String(i), value }));
  const feeds = new Map<Value, Tensor>();
  node.inputs.forEach((value, i) => {
    feeds.set(value, tensor(fixedShape(value.shape, node.path), operands[i]?.data ?? []));
  });
  const results = interpret({ inputs: node.inputs, nodes: [node], outputs }, feeds);
  return outputs.map(({ name }) => Float32Array.from(results[name]?.data ?? []));
}
