// Gated regions: the gate is known on the host. Where it is closed nothing runs, and every result is a zero that nobody
// makes.
import { fixedShape } from '../../../../graphs/shapes.js';
import { zero } from '../handle.js';
import type { Kernel } from './kernel.js';

export const region: Kernel<'region'> = (call, { gateIndex, body }) => {
  const open = call.host(0).data[gateIndex];
  if (open === undefined) throw new RangeError(`gate ${gateIndex} does not exist`);
  if (open !== 0) return call.runBody(body, call.inputs.slice(2));
  return body.outputs.map(({ value }) => zero(fixedShape(value.shape, value.path)));
};
