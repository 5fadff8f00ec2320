// Makes biases of shifts: a convolution behind which one bound number a channel is added has that as its bias,
//
//   conv(x, W) + c             = conv(x, W, c)
//   (conv(x, W) + z) + c       = conv(x, W, c) + z           (the first convolution of a sum, however deep it lies)
//
// where nothing else reads what lies between. Batch-norm folding leaves such an addition behind FactorizedReduce, which
// takes no bias. Requires nothing; whatever has a bias, or is read by others too, stays as it is. Ensures the same outputs
// up to the order of the sums. Names depend on the graph only, not on the numbers (which may be absent: arrays of no
// length).
import { type BoundGraph, type BoundWeight, withNodes } from '../bound-graph.js';
import { isOp, type Node, type Value } from '../ir.js';
import { fixed, sameShape } from '../shapes.js';
import { countReaders } from './readers.js';

export function absorbShifts(source: BoundGraph): BoundGraph {
  const readers = countReaders(source.graph);
  const weights = new Map(source.weights);
  const nodes: Node[] = [];
  /** Where among the nodes each value is made. */
  const places = new Map<Value, number>();

  /** The place of the convolution that a sum begins with. */
  const beginning = (sum: Value): number | undefined => {
    const place = places.get(sum);
    const node = place === undefined ? undefined : nodes[place];
    if (node === undefined || readers.get(sum) !== 1) return undefined;
    if (isOp(node, 'conv2d')) return node.inputs.length === 2 ? place : undefined;
    if (!isOp(node, 'add')) return undefined;
    const terms = node.inputs.filter(({ shape }) => sameShape(shape, sum.shape));
    return terms.map(beginning).find((found) => found !== undefined);
  };
  const change = (place: number | undefined, changes: Partial<Pick<Node, 'inputs' | 'outputs'>>): void => {
    const node = place === undefined ? undefined : nodes[place];
    if (place !== undefined && node !== undefined) nodes[place] = { ...node, ...changes };
  };

  for (const node of source.graph.nodes) {
    const shift = shiftOf(node, source.weights);
    const place = shift && beginning(shift.shifted);
    const last = shift && places.get(shift.shifted);
    const convolution = place === undefined ? undefined : nodes[place];
    if (shift === undefined || last === undefined || convolution === undefined) {
      for (const value of node.outputs) places.set(value, nodes.length);
      nodes.push(node);
      continue;
    }
    const [bias, weight] = shift.bias;
    weights.set(bias, weight);
    change(place, { inputs: [...convolution.inputs, bias] });
    change(last, { outputs: node.outputs });
    for (const value of node.outputs) places.set(value, last);
  }
  return withNodes(source, nodes, weights);
}

interface Shift {
  readonly shifted: Value;
  /** The numbers as a vector. */
  readonly bias: readonly [Value, BoundWeight];
}

/** What an addition of one bound number a channel adds to what. */
function shiftOf(node: Node, weights: BoundGraph['weights']): Shift | undefined {
  if (!isOp(node, 'add')) return undefined;
  const [shifted, ...others] = node.inputs.filter((value) => !weights.has(value));
  const added = node.inputs.find((value) => weights.has(value));
  const weight = added && weights.get(added);
  if (shifted?.shape.length !== 4 || others.length > 0 || added === undefined || weight === undefined)
    return undefined;
  const channels = fixed(shifted.shape[1], node.path);
  if (!sameShape(added.shape, [1, channels, 1, 1])) return undefined;
  return { shifted, bias: [{ shape: [channels], dtype: 'float32', path: weight.name }, weight] };
}
