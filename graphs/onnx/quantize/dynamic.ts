// Dynamic quantization: nodes with weights calculate with integers, and everything between them stays in float. Scale and
// zero point of an activation are found while the model runs, from the tensor itself, so that no images are needed:
//
//   q, s_x, z_x = DynamicQuantizeLinear(x),      y = s_x s_w float(ConvInteger(q, p, z_x)) + b.
//
// Weights take a quarter of their bytes. Faster it is only where the runtime is fast at integer products with 32-bit
// results; ONNX Runtime is for matrices, not for convolutions.
import type * as onnx from '../proto.js';
import { proto } from '../proto.js';
import { quantizeWeight, safeWeight } from './affine.js';
import { channelRows, ModelGraph, rewritten } from './model-graph.js';
import { type NodeWeight, role, weightOf } from './operators.js';
import { describe, integers, quantizerNode, reals } from './protos.js';

export interface DynamicOptions {
  /** Nodes that stay in float. */
  readonly excluded?: (node: onnx.INodeProto) => boolean;
  /** Weights lie within -`largestWeight` to `largestWeight`; `safeWeight` by default. */
  readonly largestWeight?: number;
}

const { DataType } = proto.TensorProto;

export function dynamicQuantize(model: onnx.ModelProto, options: DynamicOptions = {}): onnx.ModelProto {
  const { excluded = () => false, largestWeight = safeWeight } = options;
  const graph = new ModelGraph(model);
  const writer = new DynamicWriter(graph, largestWeight);
  for (const node of graph.nodes) {
    const isProduct = role(node, graph) === 'weighted' && !excluded(node);
    const weight = isProduct ? weightOf(node, graph) : undefined;
    if (weight === undefined) writer.nodes.push(node);
    else writer.product(node, weight);
  }
  return rewritten(model, writer);
}

/** An activation in integers. */
interface DynamicValue {
  readonly integers: string;
  readonly scale: string;
  readonly zeroPoint: string;
}

class DynamicWriter {
  readonly nodes: onnx.INodeProto[] = [];
  readonly initializers: onnx.ITensorProto[] = [];
  readonly valueInfo: onnx.IValueInfoProto[] = [];
  readonly #values = new Map<string, DynamicValue>();

  constructor(
    readonly graph: ModelGraph,
    readonly largestWeight: number,
  ) {}

  product(node: onnx.INodeProto, weight: NodeWeight): void {
    const [x = ''] = node.input ?? [];
    const [y = ''] = node.output ?? [];
    const { integers: activation, scale: activationScale, zeroPoint } = this.#quantized(x);
    const isConv = node.opType === 'Conv';
    const { tensor, scales } = this.#weight(weight, isConv);
    // ONNX gives both products their zero point behind the two factors.
    const sum = this.#made(node, y, 'sum', DataType.INT32, {
      opType: isConv ? 'ConvInteger' : 'MatMulInteger',
      input: [activation, tensor, zeroPoint],
      attribute: isConv ? (node.attribute ?? []) : [],
    });
    const toFloat = { name: 'to', type: proto.AttributeProto.AttributeType.INT, i: DataType.FLOAT };
    const real = this.#made(node, y, 'real', DataType.FLOAT, {
      opType: 'Cast',
      input: [sum],
      attribute: [toFloat],
    });
    const perChannel = [weight.shape[weight.axis] ?? 1, ...weight.shape.slice(2).map(() => 1)];
    const scaleName = this.#initializer(`${weight.name}/scale`, reals('', perChannel, scales));
    const scale = this.graph.unique(`${y}/scale`);
    this.nodes.push(quantizerNode('Mul', [activationScale, scaleName], scale));
    this.valueInfo.push(describe(scale, DataType.FLOAT, perChannel));
    if (weight.bias === undefined) {
      this.nodes.push({ ...quantizerNode('Mul', [real, scale], y), name: node.name ?? y });
      return;
    }
    const product = this.#made(node, y, 'product', DataType.FLOAT, { opType: 'Mul', input: [real, scale] });
    const bias = this.#initializer(`${weight.bias.name}/channels`, reals('', perChannel, weight.bias.data));
    this.nodes.push({ ...quantizerNode('Add', [product, bias], y), name: node.name ?? y });
  }

  /** Quantizes a value once, whoever reads it. */
  #quantized(value: string): DynamicValue {
    const found = this.#values.get(value);
    if (found !== undefined) return found;
    const [integersName, scale, zeroPoint] = [
      this.graph.unique(`${value}/quantized`),
      this.graph.unique(`${value}/scale`),
      this.graph.unique(`${value}/zero_point`),
    ];
    const node = quantizerNode('DynamicQuantizeLinear', [value], integersName);
    this.nodes.push({ ...node, output: [integersName, scale, zeroPoint] });
    this.valueInfo.push(
      ...this.graph.retyped(value, integersName, DataType.UINT8),
      describe(scale, DataType.FLOAT, []),
      describe(zeroPoint, DataType.UINT8, []),
    );
    const made = { integers: integersName, scale, zeroPoint };
    this.#values.set(value, made);
    return made;
  }

  /** Convolutions take their weight as it is, products a matrix of `[inputs, outputs]`. */
  #weight(
    { name, shape, data, axis }: NodeWeight,
    isConv: boolean,
  ): { tensor: string; scales: Float32Array } {
    const { values, scales } = quantizeWeight(data, channelRows(shape, axis), this.largestWeight);
    const isTurned = !isConv && axis === 0;
    const [outputs = 1, inputs = 1] = shape;
    const stored = isTurned
      ? values.map((_, at) => values[(at % outputs) * inputs + Math.floor(at / outputs)] ?? 0)
      : values;
    const dims = isTurned ? [inputs, outputs] : shape;
    return { tensor: this.#initializer(`${name}/quantized`, integers('', dims, stored)), scales };
  }

  #made(node: onnx.INodeProto, y: string, suffix: string, type: number, parts: onnx.INodeProto): string {
    const name = this.graph.unique(`${node.name || y}/${suffix}`);
    this.nodes.push({ ...parts, name, output: [name] });
    this.valueInfo.push(...this.graph.retyped(y, name, type));
    return name;
  }

  #initializer(wanted: string, tensor: onnx.ITensorProto): string {
    const name = this.graph.unique(wanted);
    this.initializers.push({ ...tensor, name });
    return name;
  }
}
