// The float32 model that is quantized. One of ours is rebuilt from its graph, with batch norms folded into the
// convolutions; a stranger's is taken as it is.
import type { onnx } from 'onnx-proto';
import { lowerModel } from '../../../exporters/onnx.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { ModelGraph } from '../../../graphs/onnx/quantize/model-graph.js';
import { quantizableValues } from '../../../graphs/onnx/quantize/plan.js';
import { expandFactorizedReduce } from '../../../graphs/passes/expand-factorized-reduce.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { GenonnxError } from '../../errors.js';
import { readWholeModel } from '../model-file.js';
import { inferenceIn, metadataIn, openModelFile } from '../opened-model.js';

export interface FloatModel {
  readonly proto: onnx.ModelProto;
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws GenonnxError `file-missing`, `model-corrupt`; `usage` for a model without float32 weights to quantize. */
export async function openFloatModel(path: string): Promise<FloatModel> {
  const original = await readWholeModel(path);
  const metadata = metadataIn(original);
  const precision = metadata.get('precision') ?? 'float32';
  if (precision !== 'float32') throw unquantizable(path, `${precision} weights`);
  const isOurs = inferenceIn(metadata) !== undefined;
  const proto = isOurs ? await folded(path) : original;
  if (quantizableValues(new ModelGraph(proto)).length === 0)
    throw unquantizable(path, 'no node with constant float32 weights');
  return { proto, metadata };
}

async function folded(path: string): Promise<onnx.ModelProto> {
  const { proto, bound, optimization } = await openModelFile(path);
  const opset = Number(proto.opsetImport.find(({ domain }) => !domain)?.version ?? 0);
  const foldable = optimization === 'none' ? expandFactorizedReduce(foldBatchNorm(bound)) : bound;
  const { bytes } = lowerModel(foldable, { opset, metadata: Object.fromEntries(metadataIn(proto)) });
  return decodeModel(bytes, path);
}

function unquantizable(where: string, found: string): GenonnxError {
  return new GenonnxError('usage', 'There is nothing to quantize in this model.', {
    where,
    expected: 'convolutions or matrix products with float32 weights as initializers',
    found,
    cure: 'Name the float32 model that it was made from.',
  });
}
