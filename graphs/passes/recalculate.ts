// Memory for time. Of the values that a step's backward pass reads, those that are calculated again in little time are not kept
// until then (`cheapMaps` of `partition.ts`): a copy of what yields them stands right before the first node that reads them.
// Ensures the same outputs, to the last bit wherever an engine calculates the same twice. Regions do so by themselves, when
// they are differentiated.
import type { Graph, Node, Value } from '../ir.js';
import { cheapMaps, partition } from '../partition.js';

/** @param loss the value that the forward pass ends with: what it does not depend on lies behind it. */
export function recalculate(graph: Graph, loss: Value): Graph {
  const forward = ancestors(graph, loss);
  const behind = new Set(graph.nodes.filter((node) => !forward.has(node)));
  const given = new Set(graph.inputs);
  const { repeated } = partition(
    [...forward],
    [...behind].flatMap(({ inputs }) => inputs),
    // Scales and shifts of channels are as good as given: they take no memory to speak of.
    (value) => given.has(value) || value.shape.length <= 1,
    cheapMaps,
  );
  const producers = new Map(repeated.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const copies = new Map<Value, Value>();
  const nodes: Node[] = [];
  /** The copy of a value, made when it is first asked for; the value itself where it is kept. */
  const current = (value: Value): Value => {
    const producer = producers.get(value);
    if (producer !== undefined && !copies.has(value)) {
      const inputs = producer.inputs.map(current);
      const outputs = producer.outputs.map((result): Value => {
        const copy = { ...result };
        copies.set(result, copy);
        return copy;
      });
      nodes.push({ ...producer, inputs, outputs });
    }
    return copies.get(value) ?? value;
  };
  for (const node of graph.nodes) {
    const inputs = behind.has(node) ? node.inputs.map(current) : node.inputs;
    nodes.push(inputs.every((value, i) => value === node.inputs[i]) ? node : { ...node, inputs });
  }
  return { ...graph, nodes };
}

/** The nodes that a value depends on, in order. */
function ancestors({ nodes }: Graph, value: Value): ReadonlySet<Node> {
  const needed = new Set([value]);
  const found: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    found.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return new Set(found.reverse());
}
