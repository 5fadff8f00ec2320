// The memory traffic of a network, for its place below a roofline: what a run reads and writes when every convolution,
// pooling, concatenation and matrix product reads its maps and weights from memory and writes its result back, and all
// elementwise operations are fused into those. A runtime may do better (by what caches hold) or worse (by copies).
import type { Graph, OperationName, Value } from '../../graphs/ir.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import { readModelFile } from '../deploy/model-file.js';
import { inferenceIn } from '../deploy/opened-model.js';
import { metadataIn } from '../networks/metadata.js';

const moving: ReadonlySet<OperationName> = new Set<OperationName>([
  'conv2d',
  'factorizedReduce',
  'maxPool2d',
  'averagePool2d',
  'globalAveragePool',
  'resize',
  'concat',
  'matMul',
]);

/** float32 bytes of one run of `batch` images; an open batch in the graph counts as `batch`. */
export function movedBytes(graph: Graph, batch: number): number {
  const weights = new Set(graph.inputs.slice(1));
  const fixedBatch = graph.inputs[0]?.shape[0];
  const images = typeof fixedBatch === 'number' ? batch / fixedBatch : batch;
  const bytes = (value: Value): number =>
    value.shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : 1), 4);
  let [fixed, perImage] = [0, 0];
  for (const { op, inputs, outputs } of graph.nodes) {
    if (!moving.has(op)) continue;
    for (const value of [...inputs, ...outputs]) {
      if (weights.has(value)) fixed += bytes(value);
      else perImage += bytes(value);
    }
  }
  return fixed + images * perImage;
}

/** Of a model file; null for a stranger's. */
export async function movedBytesOf(file: string, batch: number): Promise<number | null> {
  const inference = inferenceIn(metadataIn(decodeModel(await readModelFile(file), file)));
  return inference === undefined ? null : movedBytes(inference.graph, batch);
}
