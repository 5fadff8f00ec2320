// Loads an exported graph model into TensorFlow.js and runs it on its CPU backend, in pure JavaScript. The files are taken
// as a server would hand them out: the topology from `model.json`, the shards joined in the manifest's order.
import * as tf from '@tensorflow/tfjs';
import type { ExportFile } from '../../../exporters/export-file.js';
import { toTfjs } from '../../../exporters/tfjs.js';
import type { Tensor } from '../../../graphs/interpret/interpret.js';
import type { Tolerance } from '../../support/tensors.js';
import type { ExportCase, TargetOutputs } from '../export-case.js';

export async function runTfjs(
  model: Pick<ExportCase, 'bound' | 'metadata'>,
  images: Tensor,
): Promise<TargetOutputs> {
  return runGraphModel(toTfjs(model.bound, { name: 'case', metadata: model.metadata }), { images });
}

/** Runs a graph model on inputs and returns its outputs, both by their names in the signature. */
export async function runGraphModel(
  files: readonly ExportFile[],
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const model = await loadGraphModel(files);
  tf.engine().startScope();
  try {
    const holdsIndices = new Set(
      model.inputs.flatMap(({ name, dtype }) => (dtype === 'int32' ? [name] : [])),
    );
    const fed = Object.entries(feeds).map(([name, { shape, data }]): [string, tf.Tensor] => [
      name,
      holdsIndices.has(name)
        ? tf.tensor(Int32Array.from(data), [...shape], 'int32')
        : tf.tensor(Float32Array.from(data), [...shape]),
    ]);
    const results = [model.execute(Object.fromEntries(fed), model.outputNodes)].flat();
    const outputs = results.map((result, i): [string, Tensor] => [
      String(model.outputNodes[i]),
      { shape: result.shape, data: Float64Array.from(result.dataSync()) },
    ]);
    return Object.fromEntries(outputs);
  } finally {
    tf.engine().endScope();
    model.dispose();
  }
}

/** 1e-5 and 1e-4 of the largest element. */
export function allowedDeparture({ data }: Tensor): Tolerance {
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { absolute: 1e-5 + 1e-4 * largest, relative: 0 };
}

export async function loadGraphModel(files: readonly ExportFile[]): Promise<tf.GraphModel> {
  // Else TensorFlow.js recommends its native package on the console.
  tf.env().set('IS_TEST', true);
  await tf.setBackend('cpu');
  return tf.loadGraphModel({
    load: () => tf.io.getModelArtifactsForJSON(modelJson(files), (manifest) => readWeights(files, manifest)),
  });
}

export function modelJson(files: readonly ExportFile[]): tf.io.ModelJSON {
  const content = contentOf(files, 'model.json');
  if (typeof content !== 'string') throw new Error('model.json is not a text');
  return JSON.parse(content);
}

export function shardOf(files: readonly ExportFile[], path: string): Uint8Array {
  const content = contentOf(files, path);
  if (!(content instanceof Uint8Array)) throw new Error(`${path} does not hold bytes`);
  return content;
}

function contentOf(files: readonly ExportFile[], path: string): ExportFile['content'] {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found.content;
}

async function readWeights(
  files: readonly ExportFile[],
  manifest: tf.io.WeightsManifestConfig,
): Promise<[tf.io.WeightsManifestEntry[], ArrayBuffer]> {
  const bytes = Buffer.concat(manifest.flatMap(({ paths }) => paths.map((path) => shardOf(files, path))));
  return [manifest.flatMap(({ weights }) => weights), Uint8Array.from(bytes).buffer];
}
