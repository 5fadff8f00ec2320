// What a kernel is: an operation's meaning, from run-time tensors to run-time tensors.
import type { Graph, OperationAttributes, OperationName, Shape } from '../../ir.js';
import type { Tensor } from '../tensor.js';

export interface KernelContext {
  /** The shape in numbers: names stand for what the graph's inputs say. */
  resolve(shape: Shape): number[];
  /** Runs a body on its inputs. */
  run(body: Graph, inputs: readonly Tensor[]): Tensor[];
}

/** Shapes come from the tensors; attributes give them only where nothing else does. */
export type Kernel<K extends OperationName> = (
  inputs: readonly Tensor[],
  attributes: OperationAttributes[K],
  context: KernelContext,
) => readonly Tensor[];

/** The input at `index`. @throws RangeError when the node has fewer. */
export function operand(inputs: readonly Tensor[], index: number): Tensor {
  const found = inputs[index];
  if (found === undefined) throw new RangeError(`operand ${index} of ${inputs.length}`);
  return found;
}
