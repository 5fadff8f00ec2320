// Takes every ReLU once, and before a concatenation along the channels rather than behind it:
//
//   relu(concat(a, b)) = concat(relu(a), relu(b)).
//
// A cell's output is the concatenation of its nodes, and most of what reads it begins with a ReLU. Taken of the parts,
// it is the one that a later node of the cell takes too, or it follows a convolution that a runtime fuses it into.
// Requires nothing; ensures the same outputs, to the bit.
import { Builder } from '../builder.js';
import { type Graph, isOp, type Node, type Value } from '../ir.js';
import { prune } from './prune.js';

export function rectifyParts(graph: Graph): Graph {
  const nodes: Node[] = [];
  const parts = new Map<Value, readonly Value[]>();
  const rectified = new Map<Value, Value>();
  const replaced = new Map<Value, Value>();

  const relu = (x: Value, path: string): Value => {
    const found = rectified.get(x);
    if (found !== undefined) return found;
    const pieces = parts.get(x)?.map((piece) => relu(piece, path));
    const g = new Builder();
    const y = g.within(path, () => (pieces === undefined ? g.relu(x) : g.concat(pieces, 1)));
    nodes.push(...g.nodes);
    rectified.set(x, y);
    // A ReLU of it changes nothing.
    rectified.set(y, y);
    return y;
  };

  for (const original of graph.nodes) {
    const node: Node = { ...original, inputs: original.inputs.map((value) => replaced.get(value) ?? value) };
    const [x] = node.inputs;
    const [y] = node.outputs;
    if (x !== undefined && y !== undefined && isOp(node, 'relu')) {
      replaced.set(y, relu(x, node.path));
      continue;
    }
    nodes.push(node);
    if (y !== undefined && isOp(node, 'concat') && node.attributes.axis === 1 && y.shape.length === 4)
      parts.set(y, node.inputs);
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: replaced.get(value) ?? value }));
  return prune({ inputs: graph.inputs, nodes, outputs });
}
