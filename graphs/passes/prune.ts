// Drops what no output depends on: nodes, results of regions that nobody reads, and what in their bodies led to those.
// Runtimes compute every node they are given, so this is done before any of them sees the graph.
import { slimBodies } from '../bodies.js';
import type { Graph, Node } from '../ir.js';

/** A graph with the same outputs and only the nodes that they need. Inputs stay, used or not. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    const slim = slimBodies(node, (result) => needed.has(result), prune);
    for (const value of slim.inputs) needed.add(value);
    kept.push(slim);
  }
  return { ...graph, nodes: kept.reverse() };
}
