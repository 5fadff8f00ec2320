// Model files on disk: the model itself, and the weights that a large one keeps in a second file beside it.
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { externalPlace } from '../../graphs/onnx/external-data.js';
import { decodeModel } from '../../graphs/onnx/model.js';
import type * as onnx from '../../graphs/onnx/proto.js';
import { proto } from '../../graphs/onnx/proto.js';
import { GenonnxError } from '../errors.js';
import { asUnreadable } from '../runs/file-errors.js';
import { type OpenedModel, openProto } from './opened-model.js';

/** The bytes of a model, without what lies beside it. @throws GenonnxError `file-missing`. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'an ONNX model');
  }
}

/** A model with all of its weights in it. @throws GenonnxError `file-missing`, `model-corrupt`. */
export async function readWholeModel(path: string): Promise<onnx.ModelProto> {
  const model = decodeModel(await readModelFile(path), path);
  for (const tensor of model.graph?.initializer ?? []) {
    const place = externalPlace(tensor, path);
    if (place === undefined) continue;
    tensor.rawData = await readRange(join(dirname(path), place.location), place);
    tensor.dataLocation = 0;
    tensor.externalData = [];
  }
  return model;
}

/** The bytes of a model with all of its weights: the file's own, where they are in it. @throws GenonnxError `file-missing`. */
export async function wholeModelBytes(path: string, whole: onnx.ModelProto): Promise<Uint8Array> {
  const bytes = await readModelFile(path);
  const { EXTERNAL } = proto.TensorProto.DataLocation;
  const { graph } = proto.ModelProto.decode(bytes);
  const isWhole = (graph?.initializer ?? []).every(({ dataLocation }) => dataLocation !== EXTERNAL);
  return isWhole ? bytes : proto.ModelProto.encode(whole).finish();
}

/** @throws GenonnxError `file-missing`, `model-corrupt` for a file that is no model, `foreign-model` for none of ours. */
export async function openModelFile(path: string): Promise<OpenedModel> {
  return openProto(await readWholeModel(path), path);
}

async function readRange(
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number | undefined },
): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw asUnreadable(error, path, 'the weights of an ONNX model');
  });
  try {
    const { size } = await file.stat();
    const end = offset + (length ?? Math.max(size - offset, 0));
    if (end > size) {
      throw new GenonnxError('model-corrupt', 'The weights beside the model are cut short.', {
        where: path,
        expected: `at least ${end} bytes`,
        found: `${size}`,
        cure: 'Copy both files again, or export the model anew.',
      });
    }
    const bytes = new Uint8Array(end - offset);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
