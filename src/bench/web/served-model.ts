// What the server of a page hands out: the runtime, a model with what lies beside it, and inputs.
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ortWebRuntimeFiles } from '../../../exporters/ort-web/runtime.js';
import { externalPlace } from '../../../graphs/onnx/external-data.js';
import { decodeModel } from '../../../graphs/onnx/model.js';
import { readModelFile } from '../../deploy/model-file.js';
import { asUnreadable } from '../../runs/file-errors.js';
import type { NoiseInput } from '../noise-inputs.js';
import type { FedInput, PageModel, WebProvider } from './page-bench.js';
import type { Place } from './place.js';

/** Serves what of the installed onnxruntime-web an exported folder has too. Returns the addresses. */
export function serveRuntime(
  { files, url }: Place,
  provider: WebProvider,
): { readonly moduleUrl: string; readonly binaryUrl: string } {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));
  const [module = '', binary = ''] = ortWebRuntimeFiles([provider]);
  for (const name of [module, binary]) files.set(`runtime/${name}`, { file: join(folder, name) });
  return { moduleUrl: url(`runtime/${module}`), binaryUrl: url(`runtime/${binary}`) };
}

/** A model, read and looked through. */
export interface ReadModel {
  readonly bytes: Uint8Array;
  /** Files beside it, by the names that it has for them. */
  readonly beside: readonly { readonly name: string; readonly file: string }[];
}

/** @throws GenonnxError `file-missing` for the file or one beside it, `model-corrupt`. */
export async function readModelToServe(path: string): Promise<ReadModel> {
  const bytes = await readModelFile(path);
  const initializers = decodeModel(bytes, path).graph?.initializer ?? [];
  const names = new Set(initializers.flatMap((tensor) => externalPlace(tensor, path)?.location ?? []));
  const beside = [...names].map((name) => ({ name, file: join(dirname(path), name) }));
  for (const { file } of beside) {
    await access(file).catch((error: unknown) => {
      throw asUnreadable(error, file, 'the weights of an ONNX model');
    });
  }
  return { bytes, beside };
}

export function serveModel({ files, url }: Place, { bytes, beside }: ReadModel): PageModel {
  files.set('model.onnx', bytes);
  return {
    url: url('model.onnx'),
    beside: beside.map(({ name, file }, index) => {
      files.set(`weights/${index}`, { file });
      return { path: name, url: url(`weights/${index}`) };
    }),
  };
}

export function serveInputs({ files, url }: Place, inputs: readonly NoiseInput[]): FedInput[] {
  return inputs.map(({ name, shape, data }, index) => {
    const path = `inputs/${index}`;
    files.set(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { name, shape, dtype: data instanceof Float32Array ? 'float32' : 'int64', url: url(path) };
  });
}

/** What has been fetched need not be held any longer. */
export function withdraw({ files }: Place, folder: string): void {
  for (const path of [...files.keys()]) if (path.startsWith(folder)) files.delete(path);
}
