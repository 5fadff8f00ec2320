// Reverse-mode differentiation: the only autodiff in the project. One reverse walk over the nodes; each operation's rule
// gives the cotangents of its inputs, and this driver alone accumulates them and sums over broadcast axes.
//
// A region's derivative is a region under the backward gate. Its body is the derivative of the region's body; what that
// needs of the forward body's values becomes further results of the forward region (or is calculated again, where that
// is only a cut or a reshape of a capture). A closed region's results are zero, and so are its cotangents.
import { Builder } from './builder.js';
import { GenonnxError } from './errors.js';
import { isOp, type Node, type Output, type Value } from './ir.js';
import { type DifferentiableOperation, isDifferentiable, vjps } from './operations/index.js';
import type { Pullback, VjpRule } from './operations/rule.js';
import { fixed, fixedShape, sameShape } from './shapes.js';

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
  const cotangents = pullBack(g, new Map([[loss, g.scalar(1)]]), wrt);
  return wrt.map((value) => cotangents.get(value) ?? g.zeros(fixedShape(value.shape, value.path)));
}

/** Cotangents of `wrt` from those of `seeds`, appended to the graph. Values that nothing flows back to are absent. */
function pullBack(g: Builder, seeds: ReadonlyMap<Value, Value>, wrt: readonly Value[]): Map<Value, Value> {
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
    const wanted = node.inputs.map((value) => active.has(value));
    if (!wanted.includes(true) || !node.outputs.some((value) => contributions.has(value))) continue;
    g.within(`grad:${node.path}`, () => {
      const received = node.outputs.map(total);
      const given = isOp(node, 'region')
        ? regionVjp(node, { g, cotangents: received, wanted })
        : nodeVjp(node, { g, cotangents: received, wanted });
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
    const stopped = isOp(node, 'region') ? node.attributes.stopped : undefined;
    const reached = node.inputs.some((value, i) => found.has(value) && stopped?.[i - regionHeader] !== true);
    if (reached) for (const output of node.outputs) found.add(output);
  }
  return found;
}

/** Inputs of a region before its captures: the two gate vectors. */
const regionHeader = 2;

function nodeVjp(node: Node, pullback: Pullback): readonly (Value | undefined)[] {
  const { op } = node;
  if (!isDifferentiable(op)) {
    throw new GenonnxError('graph', `${op} has no derivative.`, {
      where: node.path,
      cure: 'Take the gradient of a graph in training form, before its backward pass is added.',
    });
  }
  return applyVjp({ ...node, op }, pullback);
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

/** Operations that only cut up or rename: cheaper to repeat in the backward body than to keep the result of. */
const repeatable: ReadonlySet<string> = new Set(['constant', 'split', 'reshape', 'slice', 'transpose']);

function regionVjp(node: Node<'region'>, { g, cotangents, wanted }: Pullback): (Value | undefined)[] {
  const { body, gateIndex, stopped } = node.attributes;
  const [, backwardGates, ...captures] = node.inputs;
  if (backwardGates === undefined) return [];

  // 1. The derivative of the body, traced behind the body itself.
  const traced = Builder.continueFrom(body);
  const seeds = new Map<Value, Value>();
  const outerOf = new Map<Value, Value>();
  body.outputs.forEach(({ value }, i) => {
    const outer = cotangents[i];
    if (outer === undefined) return;
    const seed: Value = { ...value, path: 'cotangent' };
    seeds.set(value, seed);
    outerOf.set(seed, outer);
  });
  body.inputs.forEach((inner, i) => {
    const outer = captures[i];
    if (outer !== undefined) outerOf.set(inner, outer);
  });
  const sources = body.inputs.filter((_, i) => wanted[i + regionHeader] && stopped[i] !== true);
  const gradients = pullBack(traced, seeds, sources);
  const forwardNodes = new Set(body.nodes);
  const backwardNodes = traced.nodes.filter((candidate) => !forwardNodes.has(candidate));

  // Means of an incoming cotangent are the same for all regions that receive it: they are taken outside, once.
  const hoisted = new Set<Node>();
  for (const candidate of backwardNodes) {
    const [source] = candidate.inputs;
    const outer = source === undefined ? undefined : outerOf.get(source);
    const [mean] = candidate.outputs;
    if (!isOp(candidate, 'channelMean') || outer === undefined || mean === undefined) continue;
    hoisted.add(candidate);
    outerOf.set(mean, g.channelMean(outer));
  }

  // 2. What it needs of the forward body: captures, cuts of captures, or values to be saved.
  const producer = new Map(
    body.nodes.flatMap((forward) => forward.outputs.map((value) => [value, forward] as const)),
  );
  const repeated: Node[] = [];
  const inputs: Value[] = [];
  const saved: Output[] = [];
  const seen = new Set<Value>();
  const isRepeatable = (value: Value): boolean => {
    const forward = producer.get(value);
    return forward === undefined || (repeatable.has(forward.op) && forward.inputs.every(isRepeatable));
  };
  const need = (value: Value): void => {
    if (seen.has(value)) return;
    seen.add(value);
    const forward = producer.get(value);
    if (outerOf.has(value)) {
      inputs.push(value);
    } else if (forward !== undefined && isRepeatable(value)) {
      forward.inputs.forEach(need);
      for (const sibling of forward.outputs) seen.add(sibling);
      repeated.push(forward);
    } else if (forward !== undefined) {
      inputs.push(value);
      saved.push({ name: `saved${saved.length}`, value });
    }
  };
  const kept = backwardNodes.filter((candidate) => !hoisted.has(candidate));
  for (const backward of kept) backward.inputs.forEach(need);
  const results = [...gradients].map(([source, value]): Output => {
    need(value);
    return { name: source.path, value };
  });

  // 3. The forward region gives its saved values out, vectors packed into one; the backward region takes them in.
  const { whole, pack, unpack } = packVectors(
    saved.map(({ value }) => value),
    node.path,
  );
  const given = whole.map((value, i): Output => ({ name: `saved${i}`, value }));
  const savedOuter = whole.map((value): Value => ({ ...value, path: node.path }));
  whole.forEach((value, i) => {
    const outer = savedOuter[i];
    if (outer !== undefined) outerOf.set(value, outer);
  });
  const packed = new Set(saved.map(({ value }) => value).filter((value) => !whole.includes(value)));
  const innerInputs = [
    ...inputs.filter((value) => !packed.has(value)),
    ...unpack.flatMap((split) => split.inputs),
  ];
  const extended: Node<'region'> = {
    ...node,
    outputs: [...node.outputs, ...savedOuter],
    attributes: {
      ...node.attributes,
      body: { ...body, nodes: [...body.nodes, ...pack], outputs: [...body.outputs, ...given] },
    },
  };
  if (saved.length > 0) g.replace(node, extended);
  const outerInputs = innerInputs.flatMap((value) => outerOf.get(value) ?? []);
  const derivative = g.apply('region', [backwardGates, backwardGates, ...outerInputs], {
    gateIndex,
    stopped: outerInputs.map(() => true),
    body: { inputs: innerInputs, nodes: [...unpack, ...repeated, ...kept], outputs: results },
  });
  const bySource = new Map([...gradients.keys()].map((source, i) => [source, derivative[i]]));
  return [undefined, undefined, ...body.inputs.map((inner) => bySource.get(inner))];
}

interface PackedVectors {
  /** What is saved: the values that are no vectors, and one vector of all that are. */
  readonly whole: readonly Value[];
  /** Joins the vectors at the end of the forward body. */
  readonly pack: readonly Node<'concat'>[];
  /** Cuts them apart at the start of the backward body, into the very same values. */
  readonly unpack: readonly Node<'split'>[];
}

/** Every result of a region costs a runtime something: means and deviations travel together. */
function packVectors(values: readonly Value[], path: string): PackedVectors {
  const vectors = values.filter(({ shape, dtype }) => shape.length === 1 && dtype === 'float32');
  if (vectors.length < 2) return { whole: values, pack: [], unpack: [] };
  const sizes = vectors.map(({ shape }) => fixed(shape[0], path));
  const joined: Value = { shape: [sizes.reduce((a, b) => a + b, 0)], dtype: 'float32', path };
  return {
    whole: [...values.filter((value) => !vectors.includes(value)), joined],
    pack: [{ op: 'concat', inputs: vectors, outputs: [joined], attributes: { axis: 0 }, path }],
    unpack: [{ op: 'split', inputs: [joined], outputs: vectors, attributes: { axis: 0, sizes }, path }],
  };
}
