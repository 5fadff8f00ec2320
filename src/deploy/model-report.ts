// What a model file holds. A model of ours says which network it is, and that has exact figures; a stranger's are counted in
// its graph. Where that cannot be done they are null, and the report says why.
import { learnedNumbers } from '../../graphs/onnx/learned-numbers.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { proto } from '../../graphs/onnx/proto.js';
import { inferShapes } from '../../graphs/onnx/shape-inference/infer.js';
import type { InferenceGraph } from '../networks/inference-graph.js';
import { metadataIn } from '../networks/metadata.js';
import { inferenceIn } from './opened-model.js';

/** What a model file says, and what can be counted in it. */
export interface ModelReport {
  /** Trainable numbers: running statistics are buffers. Outside of the auxiliary head, where the model is known to have one. */
  readonly parameters: number | null;
  readonly auxiliaryParameters: number | null;
  /** Multiply-adds of convolutions and linear layers for one image. */
  readonly macs: number | null;
  /** In words, how these figures were found, or why they were not. */
  readonly counted: { readonly parameters: string; readonly macs: string };
  readonly nodes: number;
  readonly opset: number | null;
  readonly irVersion: number;
  readonly sizeBytes: number;
  readonly inputs: readonly ValueReport[];
  readonly outputs: readonly ValueReport[];
  /** How often each operator occurs, branches included. */
  readonly operators: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ValueReport {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** Of a model's bytes; `where` names them in errors. @throws GenonnxError `model-corrupt`. */
export function inspect(model: Uint8Array, where = 'model'): ModelReport {
  return reportOf(decodeModel(model, where), model.length);
}

/** Without what lies beside the model: `sizeBytes` is that of the model file. */
export function reportOf(model: onnx.ModelProto, sizeBytes: number): ModelReport {
  const graph = model.graph;
  const operators: Record<string, number> = {};
  const nodes = countOperators(graph?.node ?? [], operators);
  const metadata = metadataIn(model);
  const own = inferenceIn(metadata);
  const initializers = new Set((graph?.initializer ?? []).map(({ name }) => name));
  const opset = model.opsetImport.find(({ domain }) => !domain)?.version;
  return {
    ...(own === undefined ? countedFigures(model) : ownFigures(own)),
    nodes,
    opset: opset === undefined || opset === null ? null : Number(opset),
    irVersion: Number(model.irVersion),
    sizeBytes,
    inputs: (graph?.input ?? []).filter(({ name }) => !initializers.has(name)).map(valueReport),
    outputs: (graph?.output ?? []).map(valueReport),
    operators: Object.fromEntries(Object.entries(operators).sort(([a], [b]) => a.localeCompare(b))),
    metadata: Object.fromEntries(metadata),
  };
}

type Figures = Pick<ModelReport, 'parameters' | 'auxiliaryParameters' | 'macs' | 'counted'>;

function ownFigures({ parameters, auxiliaryParameters, cost }: InferenceGraph): Figures {
  const how = 'in the network that the model says it is';
  return { parameters, auxiliaryParameters, macs: cost.macs, counted: { parameters: how, macs: how } };
}

function countedFigures(model: onnx.ModelProto): Figures {
  const learned = learnedNumbers(model);
  const { multiplyAdds } = inferShapes(model);
  return {
    parameters: 'numbers' in learned ? learned.numbers : null,
    auxiliaryParameters: null,
    macs: 'macs' in multiplyAdds ? multiplyAdds.macs : null,
    counted: {
      parameters:
        'numbers' in learned
          ? 'weights, biases and scales as stored; batch norms that were folded count less'
          : learned.unknown,
      macs:
        'macs' in multiplyAdds
          ? 'convolutions and matrix products of inferred shapes, an open batch as one image'
          : multiplyAdds.unknown,
    },
  };
}

function countOperators(nodes: readonly onnx.INodeProto[], counts: Record<string, number>): number {
  let total = 0;
  for (const { opType, domain, attribute } of nodes) {
    const name = domain ? `${domain}.${opType}` : (opType ?? '');
    counts[name] = (counts[name] ?? 0) + 1;
    total += 1;
    for (const { g } of attribute ?? []) if (g) total += countOperators(g.node ?? [], counts);
  }
  return total;
}

function valueReport({ name, type }: onnx.IValueInfoProto): ValueReport {
  const tensor = type?.tensorType;
  const element = proto.TensorProto.DataType[tensor?.elemType ?? 0] ?? 'unknown';
  const shape = (tensor?.shape?.dim ?? []).map(({ dimParam, dimValue }) => dimParam || Number(dimValue ?? 0));
  return { name: name ?? '', type: element.toLowerCase(), shape };
}
