// Gated regions. `region(gates, backwardGates, ...captures)` runs its body on the captures where gates[gateIndex] is
// true; where it is false every result is the zero tensor, which lowerings do not materialise when only a `sum` or a
// region under the same gate reads it. The region's derivative is again a region, gated by `backwardGates`.
//
// A forward-only region (its output is wanted, but no gradients flow back into it except to its code entry) is not a
// mode of its own: it is a region all of whose other captures are `stopped`.
import type { Builder } from '../builder.js';
import { isOp, type Node, type Output, type Value } from '../ir.js';
import { packVectors } from '../pack-vectors.js';
import { cheapMapsInBodies, partition } from '../partition.js';
import type { BodyRule, OperationRule, VjpRule } from './rule.js';

/** Inputs before the captures: the two gate vectors. */
const header = 2;

/** (gates bool[G], backwardGates bool[G], captures...) -> the body's outputs. */
export const region: OperationRule<'region'> = {
  infer: (_inputs, { body }) => body.outputs.map(({ value: { shape, dtype } }) => ({ shape, dtype })),
  stops: ({ attributes }, input) => attributes.stopped[input - header] === true,
};

export const regionBody: BodyRule<'region'> = {
  map: (attributes, f) => ({ ...attributes, body: f(attributes.body) }),
  runs: () => 1,
  // The results that are read, and the captures that lead to them.
  slim(node, isRead, prune) {
    const { attributes, inputs, outputs } = node;
    const { body, stopped } = attributes;
    const read = outputs.map(isRead);
    const slim = prune({ ...body, outputs: body.outputs.filter((_, i) => read[i]) });
    const used = new Set([
      ...slim.nodes.flatMap((inner) => inner.inputs),
      ...slim.outputs.map(({ value }) => value),
    ]);
    const captured = body.inputs.map((inner) => used.has(inner));
    return {
      ...node,
      inputs: [...inputs.slice(0, header), ...inputs.slice(header).filter((_, i) => captured[i])],
      outputs: outputs.filter((_, i) => read[i]),
      attributes: {
        ...attributes,
        stopped: stopped.filter((_, i) => captured[i]),
        body: { ...slim, inputs: body.inputs.filter((_, i) => captured[i]) },
      },
    };
  },
};

/**
 * The derivative's body is that of the region's body. What it needs of the body's values becomes further results of the
 * region, or is calculated again. A closed region's results are zero, and so are its cotangents.
 */
export const regionVjp: VjpRule<'region'> = (node, { g, cotangents, wanted, ofBody }) => {
  const { attributes, inputs, outputs, path } = node;
  const { body, gateIndex } = attributes;
  const [, backwardGates, ...captures] = inputs;
  if (backwardGates === undefined) return [];

  // What stands outside for a value that the derivative of the body takes in.
  const outside = new Map<Value, Value>();
  const seeds = body.outputs.flatMap(({ value }, i) => {
    const cotangent = cotangents[i];
    if (cotangent === undefined) return [];
    const seed: Value = { ...value, path: 'cotangent' };
    outside.set(seed, cotangent);
    return [[value, seed] as const];
  });
  body.inputs.forEach((inner, i) => {
    const capture = captures[i];
    if (capture !== undefined) outside.set(inner, capture);
  });
  const sources = body.inputs.filter((_, i) => wanted[header + i]);
  const derivative = ofBody(body, seeds, sources);
  const own = hoistMeans(g, derivative.backward, outside);

  const gradients = [...derivative.gradients];
  const needed = [...own.flatMap((backward) => backward.inputs), ...gradients.map(([, value]) => value)];
  const parts = partition(derivative.forward, needed, (value) => outside.has(value), cheapMapsInBodies);

  // The region gives out what is saved, vectors packed into one; its derivative takes it in.
  const { whole, pack, unpack } = packVectors(parts.saved, path);
  const saved = whole.map((value): Value => ({ ...value, path }));
  whole.forEach((value, i) => {
    const outer = saved[i];
    if (outer !== undefined) outside.set(value, outer);
  });
  if (whole.length > 0) {
    const given = whole.map((value, i): Output => ({ name: `saved${i}`, value }));
    const giving = { ...body, nodes: [...derivative.forward, ...pack], outputs: [...body.outputs, ...given] };
    g.replace(node, {
      ...node,
      outputs: [...outputs, ...saved],
      attributes: { ...attributes, body: giving },
    });
  }
  const innerInputs = [
    ...parts.inputs.filter((value) => outside.has(value)),
    ...unpack.flatMap((split) => split.inputs),
  ];
  const outerInputs = innerInputs.flatMap((value) => outside.get(value) ?? []);
  const results = g.apply('region', [backwardGates, backwardGates, ...outerInputs], {
    gateIndex,
    stopped: outerInputs.map(() => true),
    body: {
      inputs: innerInputs,
      nodes: [...unpack, ...parts.repeated, ...own],
      outputs: gradients.map(([source, value]) => ({ name: source.path, value })),
    },
  });
  const bySource = new Map(gradients.map(([source], i) => [source, results[i]]));
  return [undefined, undefined, ...body.inputs.map((inner) => bySource.get(inner))];
};

/** Means of an incoming cotangent are the same for all regions that receive it: they are taken outside, once. */
function hoistMeans(g: Builder, nodes: readonly Node[], outside: Map<Value, Value>): Node[] {
  return nodes.filter((node) => {
    const [source] = node.inputs;
    const [mean] = node.outputs;
    const outer = source === undefined ? undefined : outside.get(source);
    if (!isOp(node, 'channelMean') || outer === undefined || mean === undefined) return true;
    outside.set(mean, g.channelMean(outer));
    return false;
  });
}
