// Recurrence: the body once for each element, one after the other. What it makes is disposed of as soon as the next step has
// been taken, but for what the stacks are made of.
import { dispose, type Handle, isZero, Stored, zero } from '../handle.js';
import type { Kernel } from './kernel.js';

export const scan: Kernel<'scan'> = (call, { body, states, sequences, reversed }) => {
  const { t } = call;
  const [steps = 0] = call.shape(states);
  const captures = call.inputs.slice(states + sequences);
  const elements = call.inputs.slice(states, states + sequences).map((_, i): readonly Handle[] => {
    const index = states + i;
    const [, ...shape] = call.shape(index);
    if (call.isZero(index)) return new Array<Handle>(steps).fill(zero(shape));
    const parts = t.split(call.plain(index), new Array<number>(steps).fill(1), 0);
    return parts.map((part) => new Stored(shape, 'plain', t.reshape(part, shape)));
  });
  const stacks = body.outputs.slice(states).map(() => new Array<Handle | undefined>(steps));
  let current: readonly Handle[] = call.inputs.slice(0, states);
  let made: readonly Handle[] = [];
  try {
    for (let i = 0; i < steps; i++) {
      const step = reversed ? steps - 1 - i : i;
      const own = elements.flatMap((parts) => parts[step] ?? []);
      const results = call.bodies.runBody(body, [...current, ...own, ...captures]);
      for (const handle of made) dispose(handle);
      made = results.slice(0, states);
      current = made;
      results.slice(states).forEach((result, k) => {
        const stack = stacks[k];
        if (stack !== undefined) stack[step] = result;
      });
    }
    return call.results.shapes.map((shape, i) => {
      const handle = current[i];
      if (i < states && handle !== undefined)
        return call.result('plain', t.identity(call.inForm(handle, 'plain')), i);
      const parts = (stacks[i - states] ?? []).flatMap((part) => (part === undefined ? [] : [part]));
      if (parts.every(isZero)) return zero(shape);
      const rows = parts.map((part) => t.reshape(call.inForm(part, 'plain'), [1, ...part.shape]));
      return call.result('plain', t.reshape(t.concat(rows, 0), shape), i);
    });
  } finally {
    for (const handle of [...made, ...stacks.flat()]) dispose(handle);
  }
};
