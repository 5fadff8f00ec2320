// The order of a model's nodes in its file, for runtimes that make an order of their own of it. ONNX Runtime walks from the
// results back to what they need, depth first: of the results, and of the producers of a node's inputs, it takes the one that
// stands last in the file first. Of a training step in the order in which it was traced it thus begins with the first layer's
// gradient, which needs the cotangents of all layers, and keeps all of them until the other gradients have had their turn.
//
// So the file is filled from its end: among the nodes whose readers stand already, the one that was traced first takes the last
// free place. Of the producers that a node chooses from, the earlier ones then stand behind the later ones wherever what they
// read allows it, and the runtime finds nearly the traced order, in which a gradient follows the cotangent that it is made of.
//
// A stack is enough for that. What a node reads was traced before it, and it was the first of all that wait: what becomes free
// by it goes on top, the first of it last.
import type * as onnx from './proto.js';

/** The same nodes, those of bodies too, in the order in which ONNX Runtime should find them. */
export function orderForRuntime(traced: readonly onnx.INodeProto[]): onnx.INodeProto[] {
  const nodes = reshapesAtOnce(traced);
  const producers = new Map<string, number>();
  for (const [i, { output }] of nodes.entries()) for (const name of output ?? []) producers.set(name, i);
  const needs = nodes.map((node) => {
    for (const { g } of node.attribute ?? []) if (g) g.node = orderForRuntime(g.node ?? []);
    const found = new Set<number>();
    for (const name of readNames(node)) {
      const producer = producers.get(name);
      if (producer !== undefined) found.add(producer);
    }
    return [...found].sort((a, b) => b - a);
  });
  const waiting = new Int32Array(nodes.length);
  for (const found of needs) for (const producer of found) waiting[producer] = (waiting[producer] ?? 0) + 1;
  const free = [...nodes.keys()].filter((i) => waiting[i] === 0).reverse();
  const fromTheEnd: onnx.INodeProto[] = [];
  for (let i = free.pop(); i !== undefined; i = free.pop()) {
    const node = nodes[i];
    if (node !== undefined) fromTheEnd.push(node);
    for (const producer of needs[i] ?? []) {
      const left = (waiting[producer] ?? 0) - 1;
      waiting[producer] = left;
      if (left === 0) free.push(producer);
    }
  }
  return fromTheEnd.reverse();
}

/**
 * Reshapes right behind what they reshape. They cost nothing there, and where they were traced says little: gradients are
 * reshaped together, when all of them are joined.
 */
function reshapesAtOnce(nodes: readonly onnx.INodeProto[]): readonly onnx.INodeProto[] {
  const places = new Map<string, number>();
  const placed = nodes.map((node, i) => {
    const place =
      node.opType === 'Reshape' ? Math.max(...(node.input ?? []).map((name) => places.get(name) ?? -1)) : i;
    for (const name of node.output ?? []) places.set(name, place);
    return { node, place };
  });
  // Sorting is stable: chains of reshapes stay in order.
  return placed.sort((a, b) => a.place - b.place).map(({ node }) => node);
}

/** What a node reads, its bodies included. Names are unique over the whole model. */
function* readNames({ input, attribute }: onnx.INodeProto): Generator<string> {
  yield* input ?? [];
  for (const { g } of attribute ?? []) {
    for (const node of g?.node ?? []) yield* readNames(node);
    for (const { name } of g?.output ?? []) if (name) yield name;
  }
}
