// What a trained classifier is shipped as: the ONNX model, its weights under PyTorch's names, and which class it takes for
// which.

import type { ImageDataset } from '../../../datasets/dataset.js';
import { lowerModel } from '../../../exporters/onnx.js';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import type { Normalisation } from '../../data/normalise.js';
import type { PictureView } from '../../data/pictures/views.js';
import { vectorIn } from '../../engines/transfer.js';
import { metricsIn } from '../../loop/meter.js';
import { type ChildNetwork, childReports } from '../../networks/child-programs.js';
import { inferenceGraph } from '../../networks/inference.js';
import { bindWeights, type Weight } from '../../networks/inference-graph.js';
import { metadataOf } from '../../networks/metadata.js';
import { stateNames } from '../../networks/step.js';
import { runFiles } from '../../runs/run-store.js';
import type { Arrays } from '../../runs/snapshot.js';
import { confusionFile, confusionOf, printConfusion } from '../confusion.js';
import type { Shipped, ShippedFile, Trained } from '../training-problem.js';
import { classificationMeasures } from './measures.js';

export interface Origin {
  readonly seed: number;
  readonly dataset: ImageDataset;
  readonly toolVersion: string;
  readonly normalisation: Normalisation;
  /** What is seen of pictures; images in memory are what they are. */
  readonly preprocessing?: PictureView | undefined;
}

/** `arrays` are the flat vectors of a state. @throws GenonnxError `file-corrupt` where one of them is missing. */
export function shipClassifier(
  network: ChildNetwork,
  { arrays, test, totals }: Trained,
  { seed, dataset, toolVersion, normalisation, preprocessing }: Origin,
): Shipped {
  const inference = inferenceGraph({ ...network, batch: 'batch' });
  const data = cutWeights(inference.weights, arrays);
  const { cost, parameters, auxiliaryParameters } = inference;
  // The head is there for training only: a model has it where `compile --run --auxiliary` asks for it.
  const deployed = { ...network, auxiliary: false, batch: 'batch' };
  const headless = inferenceGraph(deployed);
  const metadata = metadataOf({
    network: deployed,
    toolVersion,
    seed,
    dataset: dataset.name,
    classes: dataset.classes,
    normalisation,
    ...(preprocessing === undefined ? {} : { preprocessing }),
    scores: metricsIn(test, classificationMeasures),
    cost: { parameters, macs: cost.macs },
  });
  const named = new Map(inference.weights.map(({ name }, i) => [name, data[i] ?? new Float32Array(0)]));
  const kept = headless.weights.map(({ name }) => named.get(name) ?? new Float32Array(0));
  const weights = encodeSafetensors(
    inference.weights.map(({ name, shape }) => [
      name,
      { dtype: 'F32', shape, data: named.get(name) ?? new Float32Array(0) },
    ]),
  );
  return {
    files: [
      { name: runFiles.model, data: lowerModel(bindWeights(headless, kept), { metadata }).bytes },
      { name: runFiles.weights, data: weights },
      ...confusionFiles(dataset, totals.get(childReports.confusion)),
    ],
    figures: {
      parameters,
      auxiliaryParameters,
      macs: cost.macs,
      ...(dataset.leftOut === undefined ? {} : { leftOut: dataset.leftOut }),
    },
    ...(dataset.leftOut === undefined ? {} : { notes: { 'left out': leftOutText(dataset.leftOut) } }),
  };
}

function leftOutText(pictures: number): string {
  return `${pictures} ${pictures === 1 ? 'picture' : 'pictures'} that cannot be decoded`;
}

/** The file of what was taken for what, where it was counted. */
export function confusionFiles({ classes }: ImageDataset, total: Float64Array | undefined): ShippedFile[] {
  return total === undefined
    ? []
    : [{ name: confusionFile, data: printConfusion(confusionOf(classes, total)) }];
}

/** The weights of the slots, cut from the flat vectors of a run. Training and inference lay them out alike. */
export function cutWeights(weights: readonly Weight[], arrays: Arrays): Float32Array[] {
  const vectors = {
    trainable: vectorIn(arrays, stateNames.parameters),
    fixed: vectorIn(arrays, stateNames.statistics),
  };
  return weights.map(({ offset, size, trainable }) =>
    (trainable ? vectors.trainable : vectors.fixed).slice(offset, offset + size),
  );
}
