// One application of an operation: its attributes and the tensors that it is applied to. Engines and lowerings are run
// on all of them and compared with the interpreter.
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor } from '../../../../graphs/interpret/interpret.js';
import type { DType, Graph, OperationAttributes, OperationName } from '../../../../graphs/ir.js';
import { defined, random, type Tolerance } from '../../../support/tensors.js';

export interface CaseInput extends Tensor {
  readonly dtype?: DType;
}

export interface OperationCase<K extends OperationName = OperationName> {
  readonly name: string;
  readonly attributes: OperationAttributes[K];
  readonly inputs: readonly CaseInput[];
  readonly tolerance?: Tolerance;
}

/** An operation is applied to inputs of its own; every result is an output. */
export function caseGraph<K extends OperationName>(
  op: K,
  { attributes, inputs }: OperationCase<K>,
): { graph: Graph; feeds: Record<string, Tensor> } {
  const g = new Builder();
  const values = inputs.map(({ shape, dtype }, i) => g.input(`input${i}`, shape, dtype ?? 'float32'));
  const results = g.within('cells.0/node1', () => g.apply(op, values, attributes));
  const graph = g.build(results.map((value, i) => ({ name: `output${i}`, value })));
  return { graph, feeds: Object.fromEntries(inputs.map((input, i) => [`input${i}`, toFloat32(input)])) };
}

/** As float32 engines get it, so that the interpreter calculates with the same numbers. */
function toFloat32({ shape, data }: Tensor): Tensor {
  return { shape, data: Float64Array.from(data, Math.fround) };
}

export function withType(input: Tensor, dtype: DType): CaseInput {
  return { ...input, dtype };
}

/** Random integers from `low` to `high`: many ties. */
export function integers(shape: readonly number[], low: number, high: number, seed = 1): Tensor {
  const { data } = random(shape, seed);
  return { shape, data: data.map((u) => low + Math.floor(((u + 1) / 2) * (high - low + 1))) };
}

export function filled(shape: readonly number[], value: number): Tensor {
  return { shape, data: random(shape).data.fill(value) };
}

/** Random around a mean. */
export function around(mean: number, shape: readonly number[], seed = 1): Tensor {
  return { shape, data: random(shape, seed).data.map((u) => mean + Math.sqrt(3) * u) };
}

/** The means of a feature map's channels. */
export function channelMeanOf(x: Tensor): Tensor {
  const { graph, feeds } = caseGraph('channelMean', { name: 'mean', attributes: {}, inputs: [x] });
  const { output0 } = interpret(graph, feeds);
  return defined(output0);
}
