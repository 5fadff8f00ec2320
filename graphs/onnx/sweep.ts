// Removes ONNX nodes whose results nobody reads, in branches too. Runtimes do not: they run what they are given.
import type * as onnx from './proto.js';

/** The nodes of a graph that its outputs need, in order; branches are swept in place. */
export function sweep(nodes: readonly onnx.INodeProto[], outputs: Iterable<string>): onnx.INodeProto[] {
  // Names are unique over the whole model, so that one set serves all scopes.
  return keepLive(nodes, new Set(outputs));
}

function keepLive(nodes: readonly onnx.INodeProto[], live: Set<string>): onnx.INodeProto[] {
  const kept: onnx.INodeProto[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.output?.some((name) => live.has(name))) continue;
    for (const name of node.input ?? []) live.add(name);
    for (const { g } of node.attribute ?? []) {
      if (!g) continue;
      for (const { name } of g.output ?? []) if (name) live.add(name);
      g.node = keepLive(g.node ?? [], live);
    }
    kept.push(node);
  }
  return kept.reverse();
}
