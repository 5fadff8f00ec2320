// Gated regions. `region(gates, backwardGates, ...captures)` runs its body on the captures where gates[gateIndex] is
// true; where it is false every result is the zero tensor, which lowerings do not materialise when only a `sum` or a
// region under the same gate reads it. The region's derivative is again a region, gated by `backwardGates`.
//
// A forward-only region (its output is wanted, but no gradients flow back into it except to its code entry) is not a
// mode of its own: it is a region all of whose other captures are `stopped`.
import type { OperationRule } from './rule.js';

/** (gates bool[G], backwardGates bool[G], captures...) -> the body's outputs. */
export const region: OperationRule<'region'> = {
  infer: (_inputs, { body }) => body.outputs.map(({ value: { shape, dtype } }) => ({ shape, dtype })),
};
