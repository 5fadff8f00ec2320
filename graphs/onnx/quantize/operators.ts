// Which operators can calculate with 8-bit integers, and what they ask of the scales of their inputs and outputs. These
// are the ones that ONNX Runtime's CPU provider fuses with the conversions around them, and runs faster so: AveragePool is
// not among them. Its integer kernel (QLinearAveragePool) takes several times as long as the float one with the conversions
// on both sides of it, so that an average stays in float32, and so do the sums and concatenations that read it. Where it is
// quantized again at once, for a convolution behind it, the runtime fuses it all the same.
import { floatAttribute, intAttribute } from '../attributes.js';
import type * as onnx from '../proto.js';
import type { ModelGraph } from './model-graph.js';

/**
 * - `weighted`: a sum of products with constant weights, in 32-bit integers: QLinearConv, QGemm, QLinearMatMul.
 * - `arithmetic`: every input and the output has a scale of its own: QLinearAdd, QLinearGlobalAveragePool.
 * - `moving`: the output's elements are among the inputs', so that all share a scale and nothing is calculated.
 * - `relu`: falls away where all it does is to cut off what its output's zero point cuts off in any case.
 */
export type Role = 'weighted' | 'arithmetic' | 'moving' | 'relu';

const roles = {
  Conv: 'weighted',
  Gemm: 'weighted',
  MatMul: 'weighted',
  Add: 'arithmetic',
  Mul: 'arithmetic',
  GlobalAveragePool: 'arithmetic',
  Concat: 'moving',
  Flatten: 'moving',
  MaxPool: 'moving',
  Reshape: 'moving',
  Slice: 'moving',
  Squeeze: 'moving',
  Transpose: 'moving',
  Unsqueeze: 'moving',
  Relu: 'relu',
} as const satisfies Readonly<Record<string, Role>>;

const roleOf: ReadonlyMap<string, Role> = new Map(Object.entries(roles));

/** The role that a node can play in integers; undefined for other operators and forms. */
export function role(node: onnx.INodeProto, graph: ModelGraph): Role | undefined {
  const found = node.domain ? undefined : roleOf.get(node.opType ?? '');
  if ((node.output ?? []).filter((name) => name !== '').length !== 1) return undefined;
  return found === 'weighted' && weightOf(node, graph) === undefined ? undefined : found;
}

/** Inputs of a node that hold activations, or constants in their stead; not the weights, shapes and axes. */
export function operands(node: onnx.INodeProto): readonly string[] {
  const inputs = node.input ?? [];
  return severalOperands.has(node.opType ?? '') ? inputs : inputs.slice(0, 1);
}

const severalOperands: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'Concat',
] satisfies (keyof typeof roles)[]);

export interface NodeWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** The axis of the output channels. */
  readonly axis: number;
  readonly bias: { readonly name: string; readonly data: Float32Array } | undefined;
}

/** The weights of a node of a weighted operator where they are float32 constants, in a form that its integer kernel knows. */
export function weightOf(node: onnx.INodeProto, graph: ModelGraph): NodeWeight | undefined {
  const [x, name = '', biasName = ''] = node.input ?? [];
  const weight = graph.floats(name);
  if (x === undefined || graph.isConstant(x) || weight === undefined) return undefined;
  const axis = channelAxis(node, weight.shape);
  if (axis === undefined) return undefined;
  if (biasName === '') return { name, ...weight, axis, bias: undefined };
  const bias = graph.floats(biasName);
  if (bias === undefined || bias.shape.length !== 1 || bias.data.length !== weight.shape[axis])
    return undefined;
  return { name, ...weight, axis, bias: { name: biasName, data: bias.data } };
}

function channelAxis(node: onnx.INodeProto, { length: rank }: readonly number[]): number | undefined {
  if (node.opType === 'Conv') return 0;
  if (rank !== 2) return undefined;
  if (node.opType === 'MatMul') return 1;
  const plain =
    floatAttribute(node, 'alpha', 1) === 1 &&
    floatAttribute(node, 'beta', 1) === 1 &&
    intAttribute(node, 'transA', 0) === 0;
  return plain ? 1 - intAttribute(node, 'transB', 0) : undefined;
}
