// Gated regions: the body runs where the gate is open; where it is closed nothing runs and every result is zero.
import { at, zeroTensor } from '../tensor.js';
import { type Kernel, operand } from './kernel.js';

export const region: Kernel<'region'> = (inputs, { gateIndex, body }, context) => {
  const open = at(operand(inputs, 0).data, gateIndex) !== 0;
  if (open) return context.run(body, inputs.slice(2));
  return body.outputs.map(({ value }) => zeroTensor(context.resolve(value.shape)));
};
