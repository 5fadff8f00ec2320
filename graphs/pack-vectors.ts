// Every result of a node with a body costs a runtime something, however small it is. So the vectors among the values that
// a body hands out (means and deviations, mostly) travel as one.
import type { Node, Value } from './ir.js';
import { fixed } from './shapes.js';

export interface PackedVectors {
  /** What is handed out: the values that are no vectors, and one vector of all that are. */
  readonly whole: readonly Value[];
  /** Joins the vectors where they come from. */
  readonly pack: readonly Node<'concat'>[];
  /** Cuts them apart where they are wanted, into the very same values. */
  readonly unpack: readonly Node<'split'>[];
}

/** Packs the float32 vectors among values, where there are at least two. */
export function packVectors(values: readonly Value[], path: string): PackedVectors {
  const vectors = values.filter(({ shape, dtype }) => shape.length === 1 && dtype === 'float32');
  if (vectors.length < 2) return { whole: values, pack: [], unpack: [] };
  const sizes = vectors.map(({ shape }) => fixed(shape[0], path));
  const joined: Value = { shape: [sizes.reduce((a, b) => a + b, 0)], dtype: 'float32', path };
  return {
    whole: [...values.filter((value) => !vectors.includes(value)), joined],
    pack: [{ op: 'concat', inputs: vectors, outputs: [joined], attributes: { axis: 0 }, path }],
    unpack: [{ op: 'split', inputs: [joined], outputs: vectors, attributes: { axis: 0, sizes }, path }],
  };
}
