// Classifiers as others make them: names of their own, no metadata, probabilities instead of logits, integers inside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { lowerModel } from '../../exporters/onnx.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { proto } from '../../graphs/onnx/proto.js';
import { insertQdq } from '../../graphs/onnx/quantize/insert-qdq.js';
import { ModelGraph } from '../../graphs/onnx/quantize/model-graph.js';
import { quantizableValues } from '../../graphs/onnx/quantize/plan.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import { freshFolder } from '../e2e/command.js';
import type { ExportCase } from './export-case.js';

/** Input `pixels`, output `scores`; no metadata. */
export function foreignModel({ bound }: ExportCase): onnx.ModelProto {
  const model = decodeModel(lowerModel(foldBatchNorm(bound), { metadata: {} }).bytes);
  const names = new Map([
    ['images', 'pixels'],
    ['logits', 'scores'],
  ]);
  const named = (name: string | null | undefined): string => names.get(name ?? '') ?? name ?? '';
  const graph = model.graph ?? {};
  return proto.ModelProto.fromObject({
    ...model,
    producerName: 'somebody',
    graph: {
      ...graph,
      node: (graph.node ?? []).map((node) => ({
        ...node,
        input: (node.input ?? []).map(named),
        output: (node.output ?? []).map(named),
      })),
      input: (graph.input ?? []).map((info) => ({ ...info, name: named(info.name) })),
      output: (graph.output ?? []).map((info) => ({ ...info, name: named(info.name) })),
      valueInfo: [],
    },
  });
}

/** The model with a softmax behind it: its only output is `probabilities`. */
export function withSoftmax(model: onnx.ModelProto): onnx.ModelProto {
  const graph = model.graph ?? {};
  const [scores] = graph.output ?? [];
  const softmax = { opType: 'Softmax', input: [scores?.name ?? ''], output: ['probabilities'] };
  return proto.ModelProto.fromObject({
    ...model,
    graph: {
      ...graph,
      node: [...(graph.node ?? []), softmax],
      output: [{ ...scores, name: 'probabilities' }],
    },
  });
}

/** In 8-bit integers between conversions (QDQ); real numbers go in and come out. */
export function quantized(model: onnx.ModelProto): onnx.ModelProto {
  const values = quantizableValues(new ModelGraph(model));
  return insertQdq(model, new Map(values.map((value) => [value, { min: -3, max: 3 }])));
}

/** The same in the operators of integers (QLinearConv, ...), as ONNX Runtime writes them. */
export async function inIntegerOperators(model: onnx.ModelProto): Promise<onnx.ModelProto> {
  const optimizedModelFilePath = join(freshFolder(), 'optimized.onnx');
  const session = await ort.InferenceSession.create(proto.ModelProto.encode(model).finish(), {
    optimizedModelFilePath,
    graphOptimizationLevel: 'extended',
    logSeverityLevel: 4,
  });
  await session.release();
  return decodeModel(readFileSync(optimizedModelFilePath));
}

export function encoded(model: onnx.ModelProto): Uint8Array {
  return proto.ModelProto.encode(model).finish();
}
