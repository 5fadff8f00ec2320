// What is known of an operation at compile time, whatever interprets it: the types of its results, its cost, and, for
// the differentiable ones, its vector-Jacobian product.
import type { Builder } from '../builder.js';
import type { Node, OperationAttributes, OperationName, TensorType, Value } from '../ir.js';

/** Result types from input types. @throws GenonnxError `shape` when the inputs do not fit. */
export interface OperationRule<K extends OperationName> {
  infer(inputs: readonly TensorType[], attributes: OperationAttributes[K]): TensorType[];
  /** Multiply-adds of one application; operations without this rule count as none. */
  macs?(node: Node<K>): number;
}

/** What a VJP rule gets beside the node. */
export interface Pullback {
  readonly g: Builder;
  /** One for each output of the node; undefined where nothing flows back. At least one is defined. */
  readonly cotangents: readonly (Value | undefined)[];
  /** One for each input of the node: false where nobody asks for the cotangent, so that nothing need be built. */
  readonly wanted: readonly boolean[];
}

/**
 * Cotangents of the inputs. A rule neither accumulates nor undoes broadcasting: the driver in `differentiate.ts` sums
 * over broadcast axes and over uses.
 */
export type VjpRule<K extends OperationName> = (
  node: Node<K>,
  pullback: Pullback,
) => readonly (Value | undefined)[];

export function input(inputs: readonly TensorType[], index: number): TensorType {
  const found = inputs[index];
  if (found === undefined) throw new RangeError(`input ${index} of ${inputs.length}`);
  return found;
}

export function float32(shape: TensorType['shape']): TensorType {
  return { shape, dtype: 'float32' };
}
