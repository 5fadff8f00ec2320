// Recurrence: the body once for each element, one after the other; what it hands out is stacked where the element stood.
import type { Tensor } from '../tensor.js';
import { alongAxis, extent, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

export const scan: Kernel<'scan'> = (inputs, { body, states, sequences, reversed }, context) => {
  const steps = extent(operand(inputs, states), 0);
  const captures = inputs.slice(states + sequences);
  let current = inputs.slice(0, states);
  const stacks: Tensor[] = [];
  for (let i = 0; i < steps; i++) {
    const step = reversed ? steps - 1 - i : i;
    const elements = inputs.slice(states, states + sequences).map((sequence) => elementOf(sequence, step));
    const results = context.run(body, [...current, ...elements, ...captures]);
    current = results.slice(0, states);
    results.slice(states).forEach(({ shape, data }, k) => {
      stacks[k] ??= zeroTensor([steps, ...shape]);
      operand(stacks, k).data.set(data, step * data.length);
    });
  }
  return [...current, ...stacks];
};

function elementOf({ shape, data }: Tensor, step: number): Tensor {
  const { inner } = alongAxis(shape, 0);
  return { shape: shape.slice(1), data: data.subarray(step * inner, (step + 1) * inner) };
}
