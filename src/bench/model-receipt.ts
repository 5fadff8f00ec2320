// What a receipt says of a model: its hash, and what its file tells about it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { externalPlace } from '../../graphs/onnx/external-data.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { proto } from '../../graphs/onnx/proto.js';
import { readModelFile } from '../deploy/model-file.js';
import { metadataIn } from '../networks/metadata.js';
import { asUnreadable } from '../runs/file-errors.js';
import { METRICS } from '../tasks/tasks.js';
import type { ModelReceipt } from './receipt.js';

/** The hash and the size are those of the model file and the weights beside it. @throws GenonnxError `file-missing`, `model-corrupt`. */
export async function collectModel(path: string): Promise<ModelReceipt> {
  const bytes = await readModelFile(path);
  const model = decodeModel(bytes, path);
  const metadata = metadataIn(model);
  const hash = createHash('sha256').update(bytes);
  let sizeBytes = bytes.length;
  for (const file of filesBeside(model, path)) {
    try {
      for await (const piece of createReadStream(file)) hash.update(piece);
      sizeBytes += (await stat(file)).size;
    } catch (error) {
      throw asUnreadable(error, file, 'the weights of an ONNX model');
    }
  }
  const figure = (key: string): number | null => {
    const value = Number(metadata.get(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  const opset = model.opsetImport.find(({ domain }) => !domain)?.version;
  return {
    path,
    sha256: hash.digest('hex'),
    sizeBytes,
    precision: precisionOf(model),
    opset: opset === undefined || opset === null ? null : Number(opset),
    macs: figure('macs'),
    parameters: figure('parameters'),
    scores: Object.fromEntries(
      METRICS.flatMap(({ name, bounds: [least, most] = [-Infinity, Infinity] }) => {
        const score = figure(name);
        // A stranger's may be in percent, or of something else.
        return score !== null && score >= least && score <= most ? [[name, score]] : [];
      }),
    ),
  };
}

/** In the order of their names, so that the hash does not depend on that of the initializers. */
function filesBeside(model: onnx.ModelProto, path: string): string[] {
  const places = (model.graph?.initializer ?? []).flatMap((tensor) => externalPlace(tensor, path) ?? []);
  return [...new Set(places.map(({ location }) => location))]
    .sort()
    .map((location) => join(dirname(path), location));
}

const { DataType } = proto.TensorProto;

/** What most of the numbers in the weights are stored as; indices and shapes are no weights. */
function precisionOf(model: onnx.ModelProto): ModelReceipt['precision'] {
  const counts = { float32: 0, float16: 0, int8: 0, other: 0 };
  for (const { dataType, dims } of model.graph?.initializer ?? []) {
    const size = (dims ?? []).reduce<number>((product, dim) => product * Number(dim), 1);
    if (dataType === DataType.FLOAT) counts.float32 += size;
    else if (dataType === DataType.FLOAT16) counts.float16 += size;
    else if (dataType === DataType.INT8 || dataType === DataType.UINT8) counts.int8 += size;
    else if (dataType !== DataType.INT64 && dataType !== DataType.INT32) counts.other += size;
  }
  const { float32, float16, int8, other } = counts;
  const most = Math.max(float32, float16, int8, other);
  if (most === float32) return 'float32';
  if (most === float16) return 'float16';
  return most === int8 ? 'int8' : 'other';
}
