// What running a graph costs: multiply-adds and the bytes of its results, in all and node by node. Where the batch is
// symbolic the figures are those of one image. Regions count as if they were open, by the nodes of their bodies.
import { bodiesOf, bodyRuns, hasBodies } from './bodies.js';
import type { DType, Graph, Node, OperationName, Value } from './ir.js';
import { operations } from './operations/index.js';
import type { OperationRule } from './operations/rule.js';
import { factorsOf, times } from './shapes.js';

export interface NodeCost {
  readonly path: string;
  readonly op: OperationName;
  readonly macs: number;
  readonly outputBytes: number;
}

export interface GraphCost {
  /** Multiply-adds of convolutions and matrix products; other operations count as none, as the papers do. */
  readonly macs: number;
  /** Bytes of all results together (what a runtime that reuses no memory would hold); constants count as none. */
  readonly activationBytes: number;
  /** In execution order. A node with a body has no entry of its own: those of its body stand in its place. */
  readonly perNode: readonly NodeCost[];
}

const bytesOf: Readonly<Record<DType, number>> = { float32: 4, int64: 8, bool: 1 };

export function cost(graph: Graph): GraphCost {
  const perNode = nodeCosts(graph);
  return {
    macs: perNode.reduce((sum, { macs }) => sum + macs, 0),
    activationBytes: perNode.reduce((sum, { outputBytes }) => sum + outputBytes, 0),
    perNode,
  };
}

function nodeCosts(graph: Graph): NodeCost[] {
  return graph.nodes.flatMap((node) => (hasBodies(node) ? bodyCosts(node) : costOf(node)));
}

function bodyCosts(node: Node): NodeCost[] {
  const runs = bodyRuns(node);
  return bodiesOf(node)
    .flatMap(nodeCosts)
    .map((cost) => ({ ...cost, macs: runs * cost.macs, outputBytes: runs * cost.outputBytes }));
}

function costOf(node: Node): NodeCost {
  const outputBytes = node.op === 'constant' ? 0 : node.outputs.reduce((sum, value) => sum + bytes(value), 0);
  return { path: node.path, op: node.op, macs: macsOf(node), outputBytes };
}

function macsOf<K extends OperationName>(node: Node<K>): number {
  const rule: OperationRule<K> = operations[node.op];
  return rule.macs?.(node) ?? 0;
}

function bytes({ shape, dtype }: Value): number {
  return factorsOf(times(...shape)).known * bytesOf[dtype];
}
