// A small compiled model with every kind of operation, for tests of what reads models.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileModel } from '../../src/deploy/compile-model.js';
import { type InferenceNetwork, inferenceGraph } from '../../src/networks/inference.js';
import { bindWeights } from '../../src/networks/inference-graph.js';
import { freshWeights } from '../../src/networks/initial-state.js';
import { metadataOf } from '../../src/networks/metadata.js';
import { openStream } from '../../src/random.js';
import { writeSafetensors } from '../../src/runs/safetensors-file.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { freshFolder } from '../e2e/command.js';

export const smallNetwork: InferenceNetwork = {
  name: 'cifar',
  genotype: parseGenotype(
    "Genotype(normal=[[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], [('dil_conv_3x3', 2), ('skip_connect', 0)]], normal_concat=[2, 3], reduce=[[('avg_pool_3x3', 0), ('skip_connect', 1)], [('sep_conv_3x3', 2)]], reduce_concat=[2, 3])",
  ),
  cells: 3,
  initChannels: 4,
  classes: 5,
  image: { channels: 1, height: 32, width: 32 },
  auxiliary: true,
  batch: 'batch',
};

export const smallInference = inferenceGraph(smallNetwork);
export const smallWeights = freshWeights(smallInference.weights, openStream(5, 'weights'));

/** The model file, with further metadata; of any number of images, or of `batch`. */
export function smallModel(
  further: Readonly<Record<string, string>> = {},
  batch: InferenceNetwork['batch'] = smallNetwork.batch,
): Uint8Array {
  const network = { ...smallNetwork, batch };
  const inference = batch === smallNetwork.batch ? smallInference : inferenceGraph(network);
  const cost = { parameters: inference.parameters, macs: inference.cost.macs };
  const metadata = { ...metadataOf({ network, toolVersion: '0', cost }), ...further };
  return compileModel(bindWeights(inference, smallWeights), { metadata }).bytes;
}

/** Writes `model.onnx` in a fresh folder and returns the folder. */
export function folderWith(model: Uint8Array): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'model.onnx'), model);
  return folder;
}

/** A folder with what a finished training leaves: the model and its weights. */
export async function finishedRun(further: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = folderWith(smallModel(further));
  await writeSafetensors(
    join(folder, 'weights.safetensors'),
    smallInference.weights.map(({ name, shape }, i) => [
      name,
      { dtype: 'F32', shape, data: smallWeights[i] ?? new Float32Array(0) },
    ]),
  );
  return folder;
}
