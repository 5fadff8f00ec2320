// Runs what the browser exporter makes: its model in onnxruntime-web's WebAssembly, in Node instead of a browser.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { siteNames } from '../../../exporters/ort-web/site-files.js';
import {
  type OrtWebOptions,
  type OrtWebRuntimeFile,
  ortWebRuntimeFiles,
  toOrtWeb,
} from '../../../exporters/ort-web.js';
import { type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { bytesOf } from '../../support/static-server.js';
import type { ExportCase, TargetOutputs } from '../export-case.js';

/** Stands in for the runtime's files where nothing loads them. */
export const emptyRuntime: readonly OrtWebRuntimeFile[] = ortWebRuntimeFiles().map((path) => ({
  path,
  content: new Uint8Array(),
}));

/** The page, and no runtime. */
export const pageParts: Pick<OrtWebOptions, 'site' | 'runtime'> = {
  site: siteNames.map((path) => ({
    path,
    content: readFileSync(new URL(`../../../exporters/ort-web/site/${path}`, import.meta.url)),
  })),
  runtime: emptyRuntime,
};

/** `logits` of an exported model. The page's own runtime is not needed for that: Node has the same one in its package. */
export async function runOrtWeb({ bound, metadata }: ExportCase, images: Tensor): Promise<TargetOutputs> {
  const files = toOrtWeb(bound, { name: 'model', metadata, ...pageParts });
  const model = files.find(({ path }) => path === 'model.onnx');
  if (model === undefined) throw new Error('expected model.onnx');
  return { logits: await runInWebAssembly(bytesOf(model.content), images) };
}

/** Runs a model with one input `images` and an output `logits` on the WASM provider, with one thread. */
export async function runInWebAssembly(model: Uint8Array, images: Tensor): Promise<Tensor> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  try {
    const fed = new ort.Tensor('float32', Float32Array.from(images.data), images.shape);
    const { logits } = await session.run({ images: fed });
    if (logits === undefined || !(logits.data instanceof Float32Array)) throw new Error('expected logits');
    return tensor(logits.dims, logits.data);
  } finally {
    await session.release();
  }
}
