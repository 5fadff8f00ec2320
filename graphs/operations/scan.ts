// Recurrence over time. `scan(states..., sequences..., captures...)` runs its body once for each element of the sequences,
// in order or from the last to the first:
//
//   (h, y_t) = body(h, x_t, c)        -> the last h, and all y, stacked as [T, ...] where their x stood
//
// States go from step to step, sequences f32[T, ...] are taken apart along their first axis, captures are the same in
// every step. The derivative (`scan-vjp.ts`) is again a scan, the other way round, whose states are the cotangents of h.
import type { Graph, TensorType, Value } from '../ir.js';
import { requireSame, shapeError } from '../shapes.js';
import { type BodyRule, input, type OperationRule } from './rule.js';

/** (states..., sequences..., captures...) -> (last states..., stacked results...). */
export const scan: OperationRule<'scan'> = {
  infer(inputs, { body, states, sequences }) {
    if (sequences < 1) throw shapeError('scan', 'a sequence', 'none');
    if (body.inputs.length !== inputs.length)
      throw shapeError('scan', `${body.inputs.length} inputs`, `${inputs.length}`);
    const steps = input(inputs, states).shape[0] ?? 1;
    body.inputs.forEach((inner, i) => {
      const isSequence = i >= states && i < states + sequences;
      requireSame(isSequence ? [steps, ...inner.shape] : inner.shape, input(inputs, i).shape, 'scan');
      const next = body.outputs[i];
      if (i < states) requireSame(inner.shape, next?.value.shape ?? [], 'scan');
    });
    return body.outputs.map(
      ({ value: { shape, dtype } }, i): TensorType => ({
        shape: i < states ? shape : [steps, ...shape],
        dtype,
      }),
    );
  },
};

/** States whose next values the kept results depend on, in however many steps, or that are read at the end. */
function neededStates(
  body: Graph,
  states: number,
  isKept: (output: number) => boolean,
  prune: (body: Graph) => Graph,
): { readonly needed: readonly boolean[]; readonly slim: Graph } {
  const needed = Array.from({ length: states }, (_, i) => isKept(i));
  for (;;) {
    const slim = prune({
      ...body,
      outputs: body.outputs.filter((_, i) => (i < states ? needed[i] : isKept(i))),
    });
    const read = valuesRead(slim);
    const more = body.inputs.slice(0, states).map((value, i) => needed[i] || read.has(value));
    if (more.every((is, i) => is === needed[i])) return { needed, slim };
    needed.splice(0, states, ...more);
  }
}

function valuesRead({ nodes, outputs }: Graph): Set<Value> {
  return new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ value }) => value)]);
}

export const scanBody: BodyRule<'scan'> = {
  map: (attributes, f) => ({ ...attributes, body: f(attributes.body) }),
  runs({ attributes, inputs }) {
    const steps = inputs[attributes.states]?.shape[0];
    return typeof steps === 'number' ? steps : 1;
  },
  slim(node, isRead, prune) {
    const { attributes, inputs, outputs } = node;
    const { body, states, sequences } = attributes;
    const isKept = (output: number): boolean => {
      const result = outputs[output];
      return result !== undefined && isRead(result);
    };
    const { needed, slim } = neededStates(body, states, isKept, prune);
    const read = valuesRead(slim);
    // One sequence says how many steps there are.
    const readSequences = body.inputs.slice(states, states + sequences).map((value) => read.has(value));
    if (!readSequences.includes(true)) readSequences[0] = true;
    const stays = body.inputs.map((value, i) =>
      i < states ? needed[i] : i < states + sequences ? readSequences[i - states] : read.has(value),
    );
    return {
      ...node,
      inputs: inputs.filter((_, i) => stays[i]),
      outputs: outputs.filter((_, i) => (i < states ? needed[i] : isKept(i))),
      attributes: {
        ...attributes,
        body: { ...slim, inputs: body.inputs.filter((_, i) => stays[i]) },
        states: needed.filter(Boolean).length,
        sequences: readSequences.filter(Boolean).length,
      },
    };
  },
};
