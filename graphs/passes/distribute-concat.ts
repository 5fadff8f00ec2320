// Takes operations apart that read a concatenation along the channels:
//
//   relu(concat(a, b))            = concat(relu(a), relu(b))
//   conv1x1(concat(a, b), W)      = conv1x1(a, W_a) + conv1x1(b, W_b)      W = [W_a, W_b] along the input channels
//   factorizedReduce(concat(a, b)), globalAveragePool(concat(a, b))        likewise
//
// and shares equal ReLUs. A cell's output is the concatenation of its nodes, and the cells after it begin with a ReLU
// and a 1x1 convolution: in this form the concatenation is never copied, and nodes whose ReLU was taken inside the cell
// are not rectified again. Requires nothing; ensures the same outputs up to rounding. Meant for training graphs, before
// differentiation.
import { Builder } from '../builder.js';
import { type Graph, isOp, type Node, type Value } from '../ir.js';
import { fixed } from '../shapes.js';
import { prune } from './prune.js';

export function distributeConcat(graph: Graph): Graph {
  const parts = new Map<Value, readonly Value[]>();
  const replaced = new Map<Value, Value>();
  const rectified = new Map<Value, Value>();
  const nodes: Node[] = [];
  const current = (value: Value): Value => replaced.get(value) ?? value;

  /** Traces with a builder and takes its nodes over; `result` stands for `value` from here on. */
  const trace = (path: string, build: (g: Builder) => Value): Value => {
    const g = new Builder();
    const value = g.within(path, () => build(g));
    nodes.push(...g.nodes);
    return value;
  };
  const relu = (x: Value, path: string): Value => {
    const found = rectified.get(x);
    if (found !== undefined) return found;
    const y = trace(path, (g) => g.relu(x));
    rectified.set(x, y);
    return y;
  };

  for (const original of graph.nodes) {
    const node: Node = { ...original, inputs: original.inputs.map(current) };
    const [x] = node.inputs;
    const [y] = node.outputs;
    const pieces = x === undefined ? undefined : parts.get(x);
    if (y === undefined || x === undefined) {
      nodes.push(node);
    } else if (isOp(node, 'concat') && node.attributes.axis === 1 && y.shape.length === 4) {
      // A concatenation of concatenations has the parts of all of them.
      parts.set(
        y,
        node.inputs.flatMap((part) => parts.get(part) ?? [part]),
      );
      nodes.push(node);
    } else if (isOp(node, 'relu')) {
      if (pieces === undefined) {
        replaced.set(y, relu(x, node.path));
      } else {
        const rectifiedPieces = pieces.map((piece) => relu(piece, node.path));
        const whole = trace(node.path, (g) => g.concat(rectifiedPieces, 1));
        replaced.set(y, whole);
        parts.set(whole, rectifiedPieces);
      }
    } else if (pieces !== undefined && isDistributable(node)) {
      replaced.set(
        y,
        trace(node.path, (g) => distribute(g, node, pieces)),
      );
    } else {
      nodes.push(node);
    }
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: current(value) }));
  return prune({ inputs: graph.inputs, nodes, outputs });
}

type Distributable = Node<'conv2d' | 'factorizedReduce' | 'globalAveragePool'>;

function isDistributable(node: Node): node is Distributable {
  if (isOp(node, 'conv2d')) {
    const weight = node.inputs[1];
    return node.attributes.groups === 1 && weight?.shape[2] === 1 && weight.shape[3] === 1;
  }
  return isOp(node, 'factorizedReduce') || isOp(node, 'globalAveragePool');
}

function distribute(g: Builder, node: Distributable, pieces: readonly Value[]): Value {
  const sizes = pieces.map((piece) => fixed(piece.shape[1], node.path));
  const cut = (weight: Value | undefined): readonly Value[] =>
    weight === undefined ? [] : g.split(weight, 1, sizes);
  if (isOp(node, 'globalAveragePool')) {
    return g.concat(
      pieces.map((piece) => g.globalAveragePool(piece)),
      1,
    );
  }
  if (isOp(node, 'factorizedReduce')) {
    const { attributes } = node;
    const [first, second] = [cut(node.inputs[1]), cut(node.inputs[2])];
    return g.sum(
      pieces.map((piece, i) => g.one('factorizedReduce', defined(piece, first[i], second[i]), attributes)),
    );
  }
  if (!isOp(node, 'conv2d')) throw new TypeError(`cannot distribute ${node.op}`);
  const { attributes } = node;
  const weights = cut(node.inputs[1]);
  // The bias is added once, with the first part.
  const bias = node.inputs[2];
  return g.sum(
    pieces.map((piece, i) =>
      g.one('conv2d', defined(piece, weights[i], i === 0 ? bias : undefined), attributes),
    ),
  );
}

function defined(...values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined);
}
