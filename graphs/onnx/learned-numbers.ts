// The trained numbers of a model that does not say how many it has. What a node reads as weights, biases, slopes or tables
// was learned; running statistics, scales of quantization, shapes and single numbers were not.
import { attributeOf } from './attributes.js';
import * as onnx from './proto.js';
import { isKnownOperator, operatorOf } from './shape-inference/infer.js';

/** Inputs that hold what was learned, by operator. */
const learnedInputs: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  GRU: [1, 2, 3],
  Gather: [0],
  Gemm: [0, 1, 2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LSTM: [1, 2, 3, 7],
  LayerNormalization: [1, 2],
  MatMul: [0, 1],
  PRelu: [1],
  RNN: [1, 2, 3],
  'com.microsoft.FusedConv': [1, 2],
  'com.microsoft.FusedGemm': [0, 1, 2],
  'com.microsoft.FusedMatMul': [0, 1],
};

/** The same of operators that read integers in the place of real numbers. */
const quantizedInputs: Readonly<Record<string, readonly number[]>> = {
  ConvInteger: [1],
  DequantizeLinear: [0],
  MatMulInteger: [0, 1],
  QLinearConv: [3, 8],
  QLinearMatMul: [0, 3],
  'com.microsoft.DynamicQuantizeMatMul': [1, 4],
  'com.microsoft.MatMulIntegerToFloat': [1, 6],
  'com.microsoft.QGemm': [0, 3, 6],
};

/** Biases, factors for each channel, tokens beside others; but a single number was chosen by somebody. */
const learnedIfSeveral: ReadonlySet<string> = new Set(['Add', 'Mul', 'Concat', 'com.microsoft.BiasGelu']);

/** What hands its first input on, in another form or in parts. */
const passing: ReadonlySet<string> = new Set([
  ...['Cast', 'Expand', 'Identity', 'Reshape', 'Split', 'Squeeze', 'Transpose', 'Unsqueeze'],
]);

/** How many numbers were learned, or why that cannot be told. */
export type LearnedNumbers = { readonly numbers: number } | { readonly unknown: string };

/** Numbers of constants that nodes read as what was learned, those of branches included; each constant counts once. */
export function learnedNumbers(model: onnx.IModelProto): LearnedNumbers {
  const found: Found = { learned: new Map(), strangers: new Set() };
  if (model.graph) visit(model.graph, new Map(), found);
  const [stranger] = found.strangers;
  if (stranger !== undefined) return { unknown: `it is not known what ${stranger} reads` };
  return { numbers: [...found.learned.values()].reduce((sum, size) => sum + size, 0) };
}

interface Found {
  /** Sizes of constants by their names. */
  readonly learned: Map<string, number>;
  /** Operators that read constants, nobody knows as what. */
  readonly strangers: Set<string>;
}

interface Constant {
  readonly name: string;
  readonly size: number;
  readonly isReal: boolean;
}

function visit(graph: onnx.IGraphProto, outer: ReadonlyMap<string, Constant>, found: Found): void {
  const constants = new Map(outer);
  for (const tensor of graph.initializer ?? [])
    constants.set(tensor.name ?? '', constantOf(tensor.name, tensor));
  for (const node of graph.node ?? []) {
    const operator = operatorOf(node);
    const [source] = node.input ?? [];
    const [result = ''] = node.output ?? [];
    const tensor = attributeOf(node, 'value')?.t;
    if (operator === 'Constant' && tensor) constants.set(result, constantOf(result, tensor));
    const handed = passing.has(operator) ? constants.get(source ?? '') : undefined;
    if (handed !== undefined) for (const name of node.output ?? []) constants.set(name, handed);
    for (const [index, name] of (node.input ?? []).entries()) {
      const constant = constants.get(name);
      if (constant === undefined) continue;
      if (isLearned(operator, index, constant)) found.learned.set(constant.name, constant.size);
      else if (isUnknown(operator) && constant.isReal && constant.size > 1) found.strangers.add(operator);
    }
    for (const { g, graphs } of node.attribute ?? [])
      for (const branch of [...(g ? [g] : []), ...(graphs ?? [])]) visit(branch, constants, found);
  }
}

function isLearned(operator: string, index: number, { size, isReal }: Constant): boolean {
  if (Object.hasOwn(quantizedInputs, operator)) return quantizedInputs[operator]?.includes(index) ?? false;
  if (!isReal) return false;
  if (Object.hasOwn(learnedInputs, operator)) return learnedInputs[operator]?.includes(index) ?? false;
  return learnedIfSeveral.has(operator) && size > 1;
}

/** Whether nobody here knows what an operator reads. */
function isUnknown(operator: string): boolean {
  return (
    !isKnownOperator(operator) && !Object.hasOwn(learnedInputs, operator) && !learnedIfSeveral.has(operator)
  );
}

const { DataType } = onnx.proto.TensorProto;
const realTypes: readonly number[] = [
  ...[DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE],
];

function constantOf(name: string | null | undefined, { dims, dataType }: onnx.ITensorProto): Constant {
  const size = (dims ?? []).reduce<number>((product, extent) => product * Number(extent), 1);
  return { name: name ?? '', size, isReal: realTypes.includes(dataType ?? 0) };
}
