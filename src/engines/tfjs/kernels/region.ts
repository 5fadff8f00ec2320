// Gated regions: the gate is known on the host. Where it is closed nothing runs, and every result is a zero that nobody
// makes.
import type { Kernel } from './kernel.js';

export const region: Kernel<'region'> = (call, { gateIndex, body }) => {
  const open = call.host(0).data[gateIndex];
  if (open === undefined) throw new RangeError(`gate ${gateIndex} does not exist`);
  return open === 0 ? call.results.zeros : call.bodies.runBody(body, call.inputs.slice(2));
};
