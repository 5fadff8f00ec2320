// Graphs inside of nodes, for whoever walks over graphs: passes, printers, costs, lowerings. What an operation with bodies
// says of itself stands in `operations/`; nothing here knows which ones there are.
import type { BodyOperation, Graph, Node, OperationName, Value } from './ir.js';
import { bodyRules } from './operations/index.js';
import type { BodyRule } from './operations/rule.js';

export function isBodyOperation(op: OperationName): op is BodyOperation {
  return Object.hasOwn(bodyRules, op);
}

export function hasBodies(node: Node): node is Node<BodyOperation> {
  return isBodyOperation(node.op);
}

/** The graphs inside of a node, in order; those inside of their nodes are not among them. */
export function bodiesOf(node: Node): readonly Graph[] {
  const bodies: Graph[] = [];
  mapBodies(node, (body) => {
    bodies.push(body);
    return body;
  });
  return bodies;
}

/** The node with other graphs inside; the very same node where `f` leaves them all as they are. */
export function mapBodies(node: Node, f: (body: Graph) => Graph): Node {
  return hasBodies(node) ? mapped(node, f) : node;
}

/** How often the bodies of a node run in one run of it, at most. */
export function bodyRuns(node: Node): number {
  return hasBodies(node) ? runsOf(node) : 0;
}

/**
 * The node without the results that nobody reads, and without what they alone needed: inputs, and nodes of its bodies,
 * which `prune` drops. A node without bodies stays whole.
 */
export function slimBodies(
  node: Node,
  isRead: (result: Value) => boolean,
  prune: (body: Graph) => Graph,
): Node {
  return hasBodies(node) ? slimmed(node, isRead, prune) : node;
}

function mapped<K extends BodyOperation>(node: Node<K>, f: (body: Graph) => Graph): Node<K> {
  const rule: BodyRule<K> = bodyRules[node.op];
  let changed = false;
  const attributes = rule.map(node.attributes, (body) => {
    const other = f(body);
    changed ||= other !== body;
    return other;
  });
  return changed ? { ...node, attributes } : node;
}

function runsOf<K extends BodyOperation>(node: Node<K>): number {
  const rule: BodyRule<K> = bodyRules[node.op];
  return rule.runs(node);
}

function slimmed<K extends BodyOperation>(
  node: Node<K>,
  isRead: (result: Value) => boolean,
  prune: (body: Graph) => Graph,
): Node<K> {
  const rule: BodyRule<K> = bodyRules[node.op];
  return rule.slim(node, isRead, prune);
}
