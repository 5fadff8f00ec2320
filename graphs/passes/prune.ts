// Drops what no output depends on: nodes, results of regions that nobody reads, and what in their bodies led to those.
// Runtimes compute every node they are given, so this is done before any of them sees the graph.
import { type Graph, isOp, type Node, type Value } from '../ir.js';

/** A graph with the same outputs and only the nodes that they need. Inputs stay, used or not. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    const slim = isOp(node, 'region') ? pruneRegion(node, needed) : node;
    for (const value of slim.inputs) needed.add(value);
    kept.push(slim);
  }
  return { ...graph, nodes: kept.reverse() };
}

/** Keeps the results that are read, and the captures that lead to them. */
function pruneRegion(node: Node<'region'>, needed: ReadonlySet<Value>): Node<'region'> {
  const read = node.outputs.map((value) => needed.has(value));
  const { attributes, inputs } = node;
  const { body } = attributes;
  const slim = prune({ ...body, outputs: body.outputs.filter((_, i) => read[i]) });
  const used = new Set([
    ...slim.nodes.flatMap((inner) => inner.inputs),
    ...slim.outputs.map(({ value }) => value),
  ]);
  const captured = body.inputs.map((inner) => used.has(inner));
  const header = inputs.slice(0, inputs.length - body.inputs.length);
  return {
    ...node,
    inputs: [...header, ...inputs.slice(header.length).filter((_, i) => captured[i])],
    outputs: node.outputs.filter((_, i) => read[i]),
    attributes: {
      ...attributes,
      stopped: attributes.stopped.filter((_, i) => captured[i]),
      body: { ...slim, inputs: body.inputs.filter((_, i) => captured[i]) },
    },
  };
}
