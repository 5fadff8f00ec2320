// Writes FactorizedReduce as convolutions, so that a runtime which fuses convolutions, biases and sums sees nothing else:
//
//   factorizedReduce(x, A, B) + shift = conv(x, [A; 0], stride 2) + shift + conv1x1(odd(x), [0; B])
//
// where odd(x)[n, c, p, q] = x[n, c, 2p + 1, 2q + 1] is a depthwise 2x2 convolution of stride 2 whose only weight that
// is not zero is the last. [A; 0] has rows of zeros where the other half's channels are: the halves are added, where the
// operation itself concatenates them. The shift, which batch-norm folding adds behind the operation, becomes the first
// convolution's bias. Requires that both weights are bound; others stay as they are. Ensures the same outputs up to the
// order of the sums. Names depend on the graph only, not on the numbers (which may be absent: arrays of no length).
import { type BoundGraph, type BoundWeight, uniquelyNamed } from '../bound-graph.js';
import { Builder } from '../builder.js';
import { type Graph, isOp, type Node, type Value } from '../ir.js';
import { fixed, sameShape } from '../shapes.js';

/** A bound graph whose reductions with bound weights are convolutions. */
export function expandFactorizedReduce({ graph, weights }: BoundGraph): BoundGraph {
  const bound = new Map(weights);
  const nodes: Node[] = [];
  const done = new Set<Node>();
  for (const node of graph.nodes) {
    if (done.has(node)) continue;
    const expanded = isOp(node, 'factorizedReduce') ? expand(node, graph, weights) : undefined;
    if (expanded === undefined) {
      nodes.push(node);
      continue;
    }
    nodes.push(...expanded.nodes);
    for (const [value, weight] of expanded.weights) bound.set(value, weight);
    if (expanded.shifting !== undefined) done.add(expanded.shifting);
  }
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const used = uniquelyNamed(new Map([...bound].filter(([value]) => read.has(value))));
  const fed = graph.inputs.filter((value) => !weights.has(value));
  return { graph: { inputs: [...fed, ...used.keys()], nodes, outputs: graph.outputs }, weights: used };
}

interface Expanded {
  readonly nodes: readonly Node[];
  readonly weights: readonly (readonly [Value, BoundWeight])[];
  /** The addition that became a bias. */
  readonly shifting: Node | undefined;
}

function expand(
  { inputs, outputs, path }: Node<'factorizedReduce'>,
  graph: Graph,
  weights: BoundGraph['weights'],
): Expanded | undefined {
  const [x, first, second] = inputs;
  const [reduced] = outputs;
  const [a, b] = [first && weights.get(first), second && weights.get(second)];
  if (x === undefined || first === undefined || second === undefined || reduced === undefined)
    return undefined;
  if (a === undefined || b === undefined) return undefined;

  const channels = fixed(x.shape[1], path);
  const [upper, lower] = [fixed(first.shape[0], path), fixed(second.shape[0], path)];
  const size = (upper + lower) * channels;
  const shape = [upper + lower, channels, 1, 1];
  const even = weight(a.name, shape, a.data.length === 0 ? a.data : rows(size, a.data, 0));
  const odd = weight(b.name, shape, b.data.length === 0 ? b.data : rows(size, b.data, upper * channels));
  const last = Float32Array.from({ length: 4 * channels }, (_, i) => (i % 4 === 3 ? 1 : 0));
  const picking = weight(`${path}/odd`, [channels, 1, 2, 2], last);
  const shift = shiftOf(reduced, graph, weights);
  const added = [even, odd, picking, ...(shift === undefined ? [] : [shift.bias])];

  const g = new Builder();
  const sum = g.within(path, () => {
    const bias = shift === undefined ? {} : { bias: shift.bias[0] };
    const evens = g.conv2d(x, even[0], { stride: 2, ...bias });
    const odds = g.conv2d(x, picking[0], { stride: 2, groups: channels });
    return [evens, g.conv2d(odds, odd[0])] as const;
  });
  const add: Node<'add'> = {
    op: 'add',
    inputs: sum,
    outputs: [shift?.result ?? reduced],
    attributes: {},
    path,
  };
  return { nodes: [...g.nodes, add], weights: added, shifting: shift?.node };
}

/** The addition of one bound number a channel, where it is all that reads the value. */
function shiftOf(reduced: Value, graph: Graph, weights: BoundGraph['weights']) {
  if (graph.outputs.some(({ value }) => value === reduced)) return undefined;
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(reduced));
  const [node] = readers;
  if (node === undefined || readers.length !== 1 || !isOp(node, 'add')) return undefined;
  const other = node.inputs.find((value) => value !== reduced);
  const [result] = node.outputs;
  const bound = other && weights.get(other);
  if (result === undefined || other === undefined || bound === undefined) return undefined;
  const channels = fixed(reduced.shape[1], node.path);
  if (!sameShape(other.shape, [1, channels, 1, 1])) return undefined;
  return { node, result, bias: weight(bound.name, [channels], bound.data) };
}

function weight(name: string, shape: readonly number[], data: Float32Array): readonly [Value, BoundWeight] {
  return [
    { shape, dtype: 'float32', path: name },
    { name, data },
  ];
}

/** Zeros, and `data` from an offset on. */
function rows(size: number, data: Float32Array, offset: number): Float32Array {
  const padded = new Float32Array(size);
  padded.set(data, offset);
  return padded;
}
