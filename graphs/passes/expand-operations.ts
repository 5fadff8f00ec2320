// Replaces operations by what they are composed of (`operations/expansions.ts`), wherever an engine has no rule for them:
// in bodies too, and in compositions, until nothing is left that has a composition and no rule. Values that stood in the
// graph are still there, made by other nodes; what a composition makes beside them is named after the node. Ensures the
// same outputs up to rounding.
import { mapBodies } from '../bodies.js';
import { Builder } from '../builder.js';
import type { Graph, Node, Value } from '../ir.js';
import { type ExpandableOperation, expansions, isExpandable } from '../operations/expansions.js';
import type { Expansion } from '../operations/rule.js';
import { prune } from './prune.js';

/** The very same graph where all its nodes are supported, or have no composition. */
export function expandOperations(graph: Graph, isSupported: (node: Node) => boolean): Graph {
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ value }) => value),
  ]);
  const expanded = (inner: Graph): Graph => expandOperations(inner, isSupported);
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const composition = isSupported(node) ? undefined : compositionOf(node, (value) => read.has(value));
    return composition === undefined ? [mapBodies(node, expanded)] : expanded(composition).nodes;
  });
  const isSame = nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i]);
  return isSame ? graph : { ...graph, nodes };
}

/** The graph from a node's inputs to those of its results that are read; undefined for an operation without a composition. */
export function compositionOf(node: Node, isRead: (result: Value) => boolean): Graph | undefined {
  if (!isExpandable(node)) return undefined;
  const g = new Builder();
  const made = g.within(node.path, () => traced(g, node));
  const standsFor = new Map(made.map((value, i) => [value, node.outputs[i] ?? value]));
  const current = (value: Value): Value => standsFor.get(value) ?? value;
  const nodes = g.nodes.map(
    (inner): Node => ({
      ...inner,
      inputs: inner.inputs.map(current),
      outputs: inner.outputs.map(current),
    }),
  );
  const outputs = node.outputs.filter(isRead).map((value) => ({ name: value.path, value }));
  return prune({ inputs: node.inputs, nodes, outputs });
}

function traced<K extends ExpandableOperation>(g: Builder, node: Node<K>): readonly Value[] {
  const expansion: Expansion<K> = expansions[node.op];
  return expansion(g, node);
}
