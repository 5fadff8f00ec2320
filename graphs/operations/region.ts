// Gated regions. `region(gates, backwardGates, ...captures)` runs its body on the captures where gates[gateIndex] is
// true; where it is false every result is the zero tensor, which lowerings do not materialise when only a `sum` or a
// region under the same gate reads it. The region's derivative is again a region, gated by `backwardGates`.
//
// A forward-only region (its output is wanted, but no gradients flow back into it except to its code entry) is not a
// mode of its own: it is a region all of whose other captures are `stopped`.
import type { BodyRule, OperationRule } from './rule.js';

/** (gates bool[G], backwardGates bool[G], captures...) -> the body's outputs. */
export const region: OperationRule<'region'> = {
  infer: (_inputs, { body }) => body.outputs.map(({ value: { shape, dtype } }) => ({ shape, dtype })),
};

/** Inputs before the captures: the two gate vectors. */
const header = 2;

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
