// Static quantization: a float32 model and the ranges of its values in; out comes the same model with 8-bit integers, in
// the form in which runtimes exchange them (QDQ): around every operator its inputs are dequantized and its output is
// quantized, and a runtime replaces the whole by an operator on integers. Each value is quantized and dequantized once,
// whoever reads it.
import { GenonnxError } from '../../errors.js';
import type * as onnx from '../proto.js';
import { proto } from '../proto.js';
import {
  type Affine,
  quantizeBias,
  quantizeUnsigned,
  quantizeWeight,
  type Range,
  safeWeight,
  union,
  unsignedAffine,
} from './affine.js';
import { channelRows, ModelGraph, rewritten } from './model-graph.js';
import { type NodeWeight, operands, role, weightOf } from './operators.js';
import { planQuantization, type QuantizationPlan } from './plan.js';
import { describe, integers, quantizerNode, reals } from './protos.js';

export interface QdqOptions {
  /** Nodes that stay in float. */
  readonly excluded?: (node: onnx.INodeProto) => boolean;
  /** Weights lie within -`largestWeight` to `largestWeight`; `safeWeight` by default. */
  readonly largestWeight?: number;
}

export type Ranges = ReadonlyMap<string, Range>;

/**
 * @throws GenonnxError `usage` where the range of a value is missing or no range; `model-corrupt` where a node reads what is
 * neither calculated before it nor a float32 initializer.
 */
export function insertQdq(model: onnx.ModelProto, ranges: Ranges, options: QdqOptions = {}): onnx.ModelProto {
  const graph = new ModelGraph(model);
  const plan = planQuantization(graph, options.excluded);
  const writer = new QdqWriter(graph, plan, ranges, options.largestWeight ?? safeWeight);
  writer.write();
  return rewritten(model, writer);
}

const { DataType } = proto.TensorProto;

/** A quantized value: its scale and zero point, and the names of it. */
interface Quantized extends Affine {
  readonly scaleName: string;
  readonly zeroPointName: string;
}

class QdqWriter {
  readonly #nodes: onnx.INodeProto[] = [];
  readonly initializers: onnx.ITensorProto[] = [];
  readonly valueInfo: onnx.IValueInfoProto[] = [];
  /** By the values that share them. */
  readonly #parameters = new Map<readonly string[] | string, Quantized>();
  /** The integers of a value, and the numbers that they stand for. */
  readonly #integers = new Map<string, string>();
  readonly #dequantized = new Map<string, string>();

  constructor(
    readonly graph: ModelGraph,
    readonly plan: QuantizationPlan,
    readonly ranges: Ranges,
    readonly largestWeight: number,
  ) {}

  write(): void {
    for (const { name } of this.graph.graph.input ?? [])
      if (this.plan.values.has(name ?? '')) this.#quantize(name ?? '', name ?? '');
    for (const node of this.graph.nodes) this.#node(node);
  }

  /** Without the dequantizations that nobody reads: where a ReLU took the integers, a runtime would run them all the same. */
  get nodes(): onnx.INodeProto[] {
    const read = new Set(this.#nodes.flatMap(({ input }) => input ?? []));
    const ours = new Set(this.#dequantized.values());
    return this.#nodes.filter(({ output }) => !output?.some((name) => ours.has(name) && !read.has(name)));
  }

  #node(node: onnx.INodeProto): void {
    const { graph, plan } = this;
    const [y = ''] = node.output ?? [];
    if (!plan.nodes.has(node)) {
      // In float. What is there only as integers is read as what they stand for.
      const input = (node.input ?? []).map((name) => this.#asFloat(name));
      this.#nodes.push({ ...node, input });
      for (const name of node.output ?? []) if (plan.values.has(name)) this.#quantize(name, name);
      return;
    }
    if (node.opType === 'Relu') {
      const [x = ''] = node.input ?? [];
      if (plan.absorbed.has(node)) this.#quantize(y, x);
      else this.#clip(node, x, y);
      return;
    }
    const input = [...(node.input ?? [])];
    operands(node).forEach((name, i) => {
      input[i] = this.#dequantized.get(name) ?? this.#constantOperand(name);
    });
    const weight = role(node, graph) === 'weighted' ? weightOf(node, graph) : undefined;
    if (weight !== undefined) input.splice(1, 2, ...this.#weights(node, weight));
    this.#nodes.push({ ...node, input });
    if (plan.values.has(y)) this.#quantize(y, y);
  }

  #asFloat(name: string): string {
    const producer = this.graph.producer(name);
    const isFloat = producer === undefined || !this.plan.nodes.has(producer);
    return isFloat ? name : (this.#dequantized.get(name) ?? name);
  }

  #quantize(value: string, from: string): void {
    const { scaleName, zeroPointName } = this.#parametersOf(value);
    const name = this.#name(value, 'quantized', DataType.UINT8);
    this.#nodes.push(quantizerNode('QuantizeLinear', [from, scaleName, zeroPointName], name));
    this.#dequantize(value, name);
  }

  #dequantize(value: string, integersName: string): void {
    const { scaleName, zeroPointName } = this.#parametersOf(value);
    const name = this.#name(value, 'dequantized', DataType.FLOAT);
    this.#nodes.push(quantizerNode('DequantizeLinear', [integersName, scaleName, zeroPointName], name));
    this.#integers.set(value, integersName);
    this.#dequantized.set(value, name);
  }

  /** relu(s (q - z)) = s (max(q, z) - z). */
  #clip(node: onnx.INodeProto, x: string, y: string): void {
    const name = this.#name(y, 'quantized', DataType.UINT8);
    const { zeroPointName } = this.#parametersOf(x);
    const clip = quantizerNode('Clip', [this.#integers.get(x) ?? '', zeroPointName], name);
    this.#nodes.push({ ...clip, name: node.name ?? name });
    this.#dequantize(y, name);
  }

  #parametersOf(value: string): Quantized {
    const group = this.plan.values.get(value);
    const found = this.#parameters.get(group ?? value);
    if (found !== undefined) return found;
    const affine = unsignedAffine((group ?? [value]).map((member) => this.#rangeOf(member)).reduce(union));
    const parameters = { ...affine, ...this.#affineNames(value, affine) };
    this.#parameters.set(group ?? value, parameters);
    return parameters;
  }

  #rangeOf(value: string): Range {
    const constant = this.graph.floats(value)?.data;
    const range = constant === undefined ? this.ranges.get(value) : rangeOf(constant);
    if (range !== undefined && Number.isFinite(range.max - range.min)) return range;
    throw new GenonnxError('usage', 'A value cannot be quantized without its range.', {
      where: value,
      expected: 'finite least and largest values, from calibration',
      found: range === undefined ? 'none' : `${range.min} to ${range.max}`,
      cure: 'Calibrate the model that is quantized, on images on which it yields finite numbers.',
    });
  }

  #affineNames(value: string, { scale, zeroPoint }: Affine): Pick<Quantized, 'scaleName' | 'zeroPointName'> {
    const scaleName = this.graph.unique(`${value}/scale`);
    const zeroPointName = this.graph.unique(`${value}/zero_point`);
    this.initializers.push(
      reals(scaleName, [], Float32Array.of(scale)),
      integers(zeroPointName, [], Uint8Array.of(zeroPoint)),
    );
    return { scaleName, zeroPointName };
  }

  #constantOperand(value: string): string {
    const constant = this.graph.floats(value);
    if (constant === undefined) {
      throw new GenonnxError('model-corrupt', 'A node reads a value that is not there yet.', {
        where: value,
        expected:
          'what a node before it yields, or a float32 initializer with as many elements as its shape says',
        found: this.graph.isConstant(value) ? 'another initializer' : 'no initializer, and no node before it',
        cure: 'Export the model again, with its nodes in the order in which they run.',
      });
    }
    const name = this.graph.unique(`${value}/quantized`);
    this.initializers.push(
      integers(name, constant.shape, quantizeUnsigned(constant.data, this.#parametersOf(value))),
    );
    this.#dequantize(value, name);
    return this.#dequantized.get(value) ?? name;
  }

  /** The dequantized weight of a node, and its bias. */
  #weights(node: onnx.INodeProto, { name, shape, data, axis, bias }: NodeWeight): string[] {
    const { scale: inputScale } = this.#parametersOf(node.input?.[0] ?? '');
    const channels = shape[axis] ?? 1;
    const forBias = bias === undefined ? undefined : { values: bias.data, inputScale };
    const { values, scales } = quantizeWeight(data, channelRows(shape, axis), this.largestWeight, forBias);
    const weightName = this.#constant(name, integers('', shape, values), scales, axis);
    if (bias === undefined) return [weightName];
    const biasScales = scales.map((scale) => scale * inputScale);
    const biasValues = quantizeBias(bias.data, biasScales);
    return [weightName, this.#constant(bias.name, integers('', [channels], biasValues), biasScales, 0)];
  }

  /** Integers with a scale for each channel and zero point 0, and the node that dequantizes them. */
  #constant(wanted: string, tensor: onnx.ITensorProto, scales: Float32Array, axis: number): string {
    const quantized = this.graph.unique(`${wanted}/quantized`);
    const scale = this.graph.unique(`${wanted}/scale`);
    const dequantized = this.graph.unique(`${wanted}/dequantized`);
    this.initializers.push({ ...tensor, name: quantized }, reals(scale, [scales.length], scales));
    this.#nodes.push(quantizerNode('DequantizeLinear', [quantized, scale], dequantized, { axis }));
    this.valueInfo.push(describe(dequantized, DataType.FLOAT, (tensor.dims ?? []).map(Number)));
    return dequantized;
  }

  #name(value: string, suffix: string, type: number): string {
    const name = this.graph.unique(`${value}/${suffix}`);
    this.valueInfo.push(...this.graph.retyped(value, name, type));
    return name;
  }
}

function rangeOf(values: Float32Array): Range {
  return values.reduce<Range>((range, value) => union(range, { min: value, max: value }), { min: 0, max: 0 });
}
