// Which nodes are computed as a part of another. All three patterns need the intermediate value to have one reader:
//
//   batch norm -> ReLU               the normalising convolution applies the ReLU
//   1x1 convolutions -> sum          each convolution is accumulated onto the one before
//   product -> sum over everything   a dot product
import { type Graph, isOp, type Node, type Value } from '../../ir.js';
import { accumulates } from './conv2d.js';
import type { BlockedLowering, FusionLookup, NormOperation } from './rule.js';

export interface FusionPlan extends FusionLookup {
  /** Nodes that another one computes. */
  readonly absorbed: ReadonlySet<Node>;
}

/** Whether a node normalises a map of which it yields the result first. */
export function isNorm(node: Node): node is Node<NormOperation> {
  return isOp(node, 'batchNorm') || isOp(node, 'batchNormApply');
}

export function planFusion(graph: Graph, low: Pick<BlockedLowering, 'packing'>): FusionPlan {
  const readers = new Map<Value, number>();
  const producer = new Map<Value, Node>();
  const count = (value: Value): void => {
    readers.set(value, (readers.get(value) ?? 0) + 1);
  };
  for (const node of graph.nodes) {
    node.inputs.forEach(count);
    for (const value of node.outputs) producer.set(value, node);
  }
  for (const { value } of graph.outputs) count(value);
  const onlyReader = (value: Value | undefined): boolean => value !== undefined && readers.get(value) === 1;

  const absorbed = new Set<Node>();
  const rectifies = new Set<Node>();
  const convolutions = new Map<Node, readonly Node[]>();
  const products = new Map<Node, Node<'mul'>>();
  for (const node of graph.nodes) {
    const [x] = node.inputs;
    if (x === undefined) continue;
    const source = producer.get(x);
    if (isOp(node, 'relu') && source !== undefined && isNorm(source)) {
      if (source.outputs[0] !== x || !onlyReader(x) || low.packing(x) === undefined) continue;
      rectifies.add(source);
      absorbed.add(node);
    } else if (isOp(node, 'sum')) {
      const sources = node.inputs.flatMap((term) => {
        const from = producer.get(term);
        return from !== undefined && onlyReader(term) && isOp(from, 'conv2d') && accumulates(from, low)
          ? [from]
          : [];
      });
      if (sources.length === 0) continue;
      convolutions.set(node, sources);
      for (const from of sources) absorbed.add(from);
    } else if (isOp(node, 'reduceSum') && source !== undefined && isOp(source, 'mul')) {
      const [a, b] = source.inputs;
      const whole = node.attributes.axes.length === x.shape.length && !node.attributes.keepDims;
      if (!whole || !onlyReader(x) || a?.shape.join() !== b?.shape.join()) continue;
      if (a === undefined || low.packing(a) === undefined) continue;
      products.set(node, source);
      absorbed.add(source);
    }
  }
  return {
    absorbed,
    appliesRelu: (node) => rectifies.has(node),
    convolutionsInto: (node) => convolutions.get(node) ?? [],
    productInto: (node) => products.get(node),
  };
}
