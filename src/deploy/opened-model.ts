// A model file of ours, read back: the graph that it was made from, rebuilt from its metadata, and its weights.
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { halfToFloat } from '../../graphs/float16.js';
import type { Value } from '../../graphs/ir.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { elementCount, fixedShape } from '../../graphs/shapes.js';
import { GenonnxError } from '../errors.js';
import { type DeployedNetwork, deployedGraph } from '../networks/deployed.js';
import { bindWeights, type InferenceGraph } from '../networks/inference-graph.js';
import { metadataIn, networkIn } from '../networks/metadata.js';
import { compileModel } from './compile-model.js';
import type { NamedWeights } from './match-weights.js';
import { type Optimization, optimizationIn, optimizeGraph } from './optimize.js';

/** A model that was compiled here, as the graph that it was made from. */
export interface OpenedModel {
  readonly proto: onnx.ModelProto;
  readonly network: DeployedNetwork;
  /** The network as it was traced. */
  readonly inference: InferenceGraph;
  /** The graph as the file has it, optimized or not, with the weights in the file. */
  readonly bound: BoundGraph;
  /** What was done to the graph of the file. */
  readonly optimization: Optimization;
  /** What the weights are stored in. */
  readonly precision: Precision;
  /** The name that each value of the bound graph has in the file. */
  readonly names: ReadonlyMap<Value, string>;
}

/** The graph of the network that a model says it is; undefined for a stranger's, or where it says nonsense. */
export function inferenceIn(metadata: ReadonlyMap<string, string>): InferenceGraph | undefined {
  try {
    return deployedGraph(networkIn(metadata, ''));
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}

/** @throws GenonnxError `model-corrupt` for bytes that are no model, `foreign-model` for none of ours. */
export function openModel(bytes: Uint8Array, where: string): OpenedModel {
  return openProto(decodeModel(bytes, where), where);
}

/** As `openModel`, of a model that is decoded already. */
export function openProto(model: onnx.ModelProto, where: string): OpenedModel {
  const metadata = metadataIn(model);
  const network = networkIn(metadata, where);
  const inference = deployedGraph(network);
  if (metadata.get('precision') === 'int8') throw quantized(where);
  const optimization = optimizationIn(metadata);
  const precision = metadata.get('precision') === 'float16' ? 'float16' : 'float32';
  const structure = structureOf(inference, optimization);
  const initializers = new Map((model.graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  const weights = new Map(
    [...structure.weights].map(([value, { name }]) => {
      const size = elementCount(fixedShape(value.shape, name));
      const data = floatsOf(initializers.get(name), size, precision, `${where}: ${name}`);
      return [value, { name, data }] as const;
    }),
  );
  const opset = Number(model.opsetImport.find(({ domain }) => !domain)?.version ?? 0);
  const { names } = compileModel(structure, { metadata: {}, opset, precision });
  const bound = { graph: structure.graph, weights };
  return { proto: model, network, inference, bound, optimization, precision, names };
}

function quantized(where: string): GenonnxError {
  return new GenonnxError('foreign-model', 'The network of a quantized model cannot be built again.', {
    where,
    expected: 'float weights',
    found: 'int8',
    cure: 'Name the float32 model that it was made from, or run this one in a runtime.',
  });
}

/** The graph that a file of the network has, with the weights that it reads, as yet without numbers. */
function structureOf(inference: InferenceGraph, optimization: Optimization): BoundGraph {
  const none = inference.weights.map(() => new Float32Array(0));
  const { graph, weights } = bindWeights(inference, none);
  if (optimization !== 'none') return optimizeGraph({ graph, weights }, optimization);
  // What a genotype does not use (an input of the cell, say) is in the network, but not in its model.
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const used = new Map([...weights].filter(([value]) => read.has(value)));
  const inputs = graph.inputs.filter((value) => !weights.has(value) || used.has(value));
  return { graph: { ...graph, inputs }, weights: used };
}

function floatsOf(
  tensor: onnx.ITensorProto | undefined,
  size: number,
  precision: Precision,
  where: string,
): Float32Array {
  const raw = tensor?.rawData;
  const bytes = size * (precision === 'float16' ? 2 : 4);
  if (raw === null || raw === undefined || raw.length !== bytes) {
    throw new GenonnxError('model-corrupt', 'The model lacks a weight of its own network.', {
      where,
      expected: `${bytes} bytes`,
      found: raw ? `${raw.length} bytes` : 'nothing',
      cure: 'Compile the model again.',
    });
  }
  const { buffer } = Uint8Array.from(raw);
  return precision === 'float16'
    ? Float32Array.from(new Uint16Array(buffer), halfToFloat)
    : new Float32Array(buffer);
}

/**
 * The weights under PyTorch's names; those that the model does not read are zeros.
 * @throws GenonnxError `usage` where folding, distributing or rounding has changed them.
 */
export function originalWeights(
  { inference, bound, optimization, precision }: OpenedModel,
  where: string,
): NamedWeights {
  if (optimization !== 'none' || precision !== 'float32') {
    throw new GenonnxError('usage', 'This model no longer has the weights that it was compiled from.', {
      where,
      expected: 'a float32 model with its batch norms, as it was traced',
      found: optimization === 'none' ? precision : `one that was optimized (${optimization})`,
      cure: 'Compile it without `optimization` and `precision` first.',
    });
  }
  return new Map(
    inference.weights.map(({ name, shape, size, value }) => [
      name,
      { shape, data: bound.weights.get(value)?.data ?? new Float32Array(size) },
    ]),
  );
}
