// What the primitives of recurrent cells compute, and the highway around them:
//
//   [c, g] = product of a state and a matrix        s + sigmoid(c) (f(g) - s)
import type { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { RecurrentOperation } from '../../spaces/recurrent.js';

/** f by its name. */
export const activations: {
  readonly [O in RecurrentOperation]: (g: Builder, x: Value) => Value;
} = {
  tanh: (g, x) => g.tanh(x),
  relu: (g, x) => g.relu(x),
  sigmoid: (g, x) => g.sigmoid(x),
  identity: (_, x) => x,
};

export interface Gated {
  /** sigmoid(c). */
  readonly gate: Value;
  /** g, before any activation. */
  readonly candidate: Value;
}

/** A product f32[..., 2H] in its halves. */
export function gated(g: Builder, product: Value, width: number): Gated {
  const [c, candidate] = g.split(product, product.shape.length - 1, [width, width]);
  if (c === undefined || candidate === undefined) throw new RangeError('gate');
  return { gate: g.sigmoid(c), candidate };
}

/** state + gate (activated - state). */
export function highway(g: Builder, state: Value, gate: Value, activated: Value): Value {
  return g.add(state, g.mul(gate, g.sub(activated, state)));
}
