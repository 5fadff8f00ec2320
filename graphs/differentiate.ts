// Reverse-mode differentiation: the only autodiff in the project. One reverse walk over the nodes; each operation's rule
// gives the cotangents of its inputs, and this driver alone accumulates them and sums over broadcast axes. Rules of
// operations with bodies call it again for what is inside.
import { Builder } from './builder.js';
import { GenonnxError } from './errors.js';
import type { Graph, Node, OperationName, Value } from './ir.js';
import { type DifferentiableOperation, isDifferentiable, operations, vjps } from './operations/index.js';
import type { Derivative, OperationRule, Pullback, Seeds, VjpRule } from './operations/rule.js';
import { sameShape } from './shapes.js';

/**
 * Appends the backward pass of a scalar to the graph.
 *
 * @param loss a value of shape [].
 * @returns the gradient with respect to each of `wrt`, of its shape; zeros where the loss does not depend on it.
 */
export function differentiate(g: Builder, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) {
    throw new GenonnxError('graph', 'Only a scalar can be differentiated.', {
      where: loss.path,
      expected: '[]',
    });
  }
  const cotangents = pullBack(g, [[loss, g.scalar(1)]], wrt);
  return wrt.map((value) => cotangents.get(value) ?? g.zeros(value.shape));
}

/** Cotangents of `wrt` from those of `seeds`, appended to the graph. Values that nothing flows back to are absent. */
function pullBack(g: Builder, seeds: Seeds, wrt: readonly Value[]): Map<Value, Value> {
  const forward = g.nodes;
  const active = dependents(forward, wrt);
  const contributions = new Map<Value, Value[]>();
  const contribute = (value: Value, cotangent: Value): void => {
    const list = contributions.get(value);
    if (list === undefined) contributions.set(value, [cotangent]);
    else list.push(cotangent);
  };
  const total = (value: Value): Value | undefined => {
    const list = contributions.get(value);
    return list === undefined ? undefined : g.sum(list);
  };
  for (const [value, cotangent] of seeds) contribute(value, cotangent);

  for (const node of forward.toReversed()) {
    const wanted = node.inputs.map((value, i) => active.has(value) && !stopsAt(node, i));
    if (!wanted.includes(true) || !node.outputs.some((value) => contributions.has(value))) continue;
    g.within(`grad:${node.path}`, () => {
      const received = node.outputs.map(total);
      const given = cotangentsOf(node, { g, cotangents: received, wanted, ofBody });
      node.inputs.forEach((value, i) => {
        const cotangent = given[i];
        if (cotangent !== undefined && wanted[i]) contribute(value, unbroadcast(g, cotangent, value));
      });
    });
  }
  const results = new Map<Value, Value>();
  for (const value of wrt) {
    const cotangent = total(value);
    if (cotangent !== undefined) results.set(value, cotangent);
  }
  return results;
}

/** All values that depend on one of `sources`, those included. */
function dependents(nodes: readonly Node[], sources: readonly Value[]): Set<Value> {
  const found = new Set(sources);
  for (const node of nodes) {
    const reached = node.inputs.some((value, i) => found.has(value) && !stopsAt(node, i));
    if (reached) for (const output of node.outputs) found.add(output);
  }
  return found;
}

function stopsAt<K extends OperationName>(node: Node<K>, input: number): boolean {
  const rule: OperationRule<K> = operations[node.op];
  return rule.stops?.(node, input) ?? false;
}

/** The backward pass of a body, traced behind it. */
function ofBody(body: Graph, seeds: Seeds, wrt: readonly Value[]): Derivative {
  const g = Builder.continueFrom(body);
  const gradients = pullBack(g, seeds, wrt);
  const forward = body.nodes.map((node) => g.current(node));
  const isForward = new Set(forward);
  return { forward, backward: g.nodes.filter((node) => !isForward.has(node)), gradients };
}

function cotangentsOf(node: Node, pullback: Pullback): readonly (Value | undefined)[] {
  if (isDifferentiable(node)) return applyVjp(node, pullback);
  throw new GenonnxError('graph', `${node.op} has no derivative.`, {
    where: node.path,
    cure: 'Take the gradient of a graph in training form, before its backward pass is added.',
  });
}

function applyVjp<K extends DifferentiableOperation>(
  node: Node<K>,
  pullback: Pullback,
): readonly (Value | undefined)[] {
  const rule: VjpRule<K> = vjps[node.op];
  return rule(node, pullback);
}

/** Sums a cotangent over the axes along which `target` was broadcast. */
function unbroadcast(g: Builder, cotangent: Value, target: Value): Value {
  if (sameShape(cotangent.shape, target.shape)) return cotangent;
  const added = cotangent.shape.length - target.shape.length;
  const axes = cotangent.shape.flatMap((size, axis) =>
    axis < added || (target.shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  return g.reshape(g.reduceSum(cotangent, axes), target.shape);
}
