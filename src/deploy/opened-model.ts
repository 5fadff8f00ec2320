// A model file of ours, read back: the graph that it was made from, rebuilt from its metadata, and its weights.
import type { onnx } from 'onnx-proto';
import type { Value } from '../../graphs/ir.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { GenonnxError } from '../errors.js';
import { parseGenotype } from '../genotype/parse.js';
import {
  bindWeights,
  compileModel,
  type InferenceGraph,
  type InferenceNetwork,
  inferenceGraph,
} from './model.js';
import { networkSchema } from './network-limits.js';

export interface OpenedModel {
  readonly proto: onnx.ModelProto;
  readonly network: InferenceNetwork;
  readonly inference: InferenceGraph;
  /** The weights in the file, in the order of `inference.weights`. */
  readonly data: readonly Float32Array[];
  /** The name that each value of the graph has in the file. */
  readonly names: ReadonlyMap<Value, string>;
}

/** Metadata of a model, by key. */
export function metadataIn(model: onnx.ModelProto): Map<string, string> {
  return new Map(model.metadataProps.map(({ key, value }) => [key ?? '', value ?? '']));
}

/** The graph of the network that a model says it is; undefined for a stranger's, or where it says nonsense. */
export function inferenceIn(metadata: ReadonlyMap<string, string>): InferenceGraph | undefined {
  try {
    return inferenceGraph(networkOf(metadata, ''));
  } catch (error) {
    if (error instanceof GenonnxError) return undefined;
    throw error;
  }
}

/** @throws GenonnxError `model-corrupt` for a file that is no model, or none of ours. */
export function openModel(bytes: Uint8Array, where: string): OpenedModel {
  const model = decodeModel(bytes, where);
  const metadata = metadataIn(model);
  const network = networkOf(metadata, where);
  const inference = inferenceGraph(network);
  const initializers = new Map((model.graph?.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  const read = new Set(inference.graph.nodes.flatMap(({ inputs }) => inputs));
  const data = inference.weights.map(({ path, size, value }) => {
    // What a genotype does not use (an input of the cell, say) is in the network, but not in its model.
    if (!read.has(value)) return new Float32Array(size);
    const raw = initializers.get(path)?.rawData;
    if (raw === null || raw === undefined || raw.length !== 4 * size) {
      throw new GenonnxError('model-corrupt', 'The model lacks a weight of its own network.', {
        where: `${where}: ${path}`,
        expected: `${4 * size} bytes`,
        found: raw ? `${raw.length} bytes` : 'nothing',
        cure: 'Compile the model again.',
      });
    }
    return new Float32Array(Uint8Array.from(raw).buffer);
  });
  const opset = Number(model.opsetImport.find(({ domain }) => !domain)?.version ?? 0);
  const { names } = compileModel(bindWeights(inference, data), { metadata: {}, opset });
  return { proto: model, network, inference, data, names };
}

function networkOf(metadata: ReadonlyMap<string, string>, where: string): InferenceNetwork {
  const refuse = (found: string): GenonnxError =>
    new GenonnxError('model-corrupt', 'This model does not say which network it is.', {
      where,
      expected: 'metadata `genotype` and `network`, as genonnx writes them',
      found,
      cure: 'The interpreter can only rebuild models that genonnx compiled.',
    });
  const [genotype, network] = [metadata.get('genotype'), metadata.get('network')];
  if (genotype === undefined || network === undefined) throw refuse('neither of them');
  let parsed: unknown;
  try {
    parsed = JSON.parse(network);
  } catch {
    throw refuse('a network that is no JSON');
  }
  const known = networkSchema.safeParse(parsed);
  if (!known.success) throw refuse(known.error.issues[0]?.message ?? 'another network');
  return { ...known.data, genotype: parseGenotype(genotype, { source: `${where} (metadata)` }) };
}
