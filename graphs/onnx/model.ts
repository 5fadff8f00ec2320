// The model file: protobuf, through onnx-proto. What is written here any ONNX reader understands; what is read may come
// from anywhere, and nonsense gets a typed error.
import { GenonnxError } from '../errors.js';
import type { TensorType } from '../ir.js';
import { domainVersion, type Emitter, type ModelParts, valueInfo } from './emitter.js';
import { type ExternalData, separate } from './external-data.js';
import type * as onnx from './proto.js';
import { proto } from './proto.js';

export interface NamedType {
  readonly name: string;
  readonly type: TensorType;
}

export interface ModelDescription {
  readonly parts: ModelParts;
  /** The main graph's nodes. */
  readonly emitter: Emitter;
  readonly name: string;
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly NamedType[];
  readonly opset: number;
  readonly irVersion: number;
  /** Written into `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where large initializers go, for models of more than 2 GiB. */
  readonly externalData?: ExternalData;
}

export interface EncodedModel {
  readonly bytes: Uint8Array;
  /** What `externalData` asked to lie beside the model, piece by piece. */
  readonly external: readonly Uint8Array[];
}

export function encodeModel(model: ModelDescription): EncodedModel {
  const { parts, emitter, name, inputs, outputs, opset, irVersion, metadata = {}, externalData } = model;
  const toInfo = ({ name: value, type }: NamedType) => valueInfo(value, type);
  const outputNames = new Set(outputs.map((output) => output.name));
  const { read, made } = namesIn(emitter.nodes);
  const used = parts.initializers.filter(
    ({ name: constant }) => constant && (read.has(constant) || outputNames.has(constant)),
  );
  const { initializers, pieces } =
    externalData === undefined ? { initializers: used, pieces: [] } : separate(used, externalData);
  const bytes = proto.ModelProto.encode({
    irVersion,
    producerName: 'genonnx',
    opsetImport: [...parts.domains].map((domain) => ({
      domain,
      version: domain === '' ? opset : domainVersion(domain),
    })),
    graph: {
      name,
      node: emitter.nodes,
      input: inputs.map(toInfo),
      output: outputs.map(toInfo),
      initializer: [...initializers],
      valueInfo: parts.valueInfo.filter(
        ({ name: value }) => value && made.has(value) && !outputNames.has(value),
      ),
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  }).finish();
  return { bytes, external: pieces };
}

/** All names that nodes read and make, in branches too. */
function namesIn(nodes: readonly onnx.INodeProto[]): { read: Set<string>; made: Set<string> } {
  const names = { read: new Set<string>(), made: new Set<string>() };
  const visit = (list: readonly onnx.INodeProto[]): void => {
    for (const node of list) {
      for (const name of node.input ?? []) names.read.add(name);
      for (const name of node.output ?? []) names.made.add(name);
      for (const { g } of node.attribute ?? []) {
        if (!g) continue;
        for (const { name } of g.output ?? []) if (name) names.read.add(name);
        visit(g.node ?? []);
      }
    }
  };
  visit(nodes);
  return names;
}

/** @throws GenonnxError `model-corrupt` for bytes that are no ONNX model. */
export function decodeModel(bytes: Uint8Array, where = 'model'): onnx.ModelProto {
  const refuse = (found: string, cause?: unknown): GenonnxError =>
    new GenonnxError(
      'model-corrupt',
      'This is not a readable ONNX model.',
      {
        where,
        expected: 'an ONNX ModelProto with a graph',
        found,
        cure: 'Export the model again, or check the download.',
      },
      { cause },
    );
  let model: onnx.ModelProto;
  try {
    model = proto.ModelProto.decode(bytes);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error), error);
  }
  if (!model.graph || !Array.isArray(model.graph.node) || model.opsetImport.length === 0)
    throw refuse(`${bytes.length} bytes without a graph`);
  return model;
}
