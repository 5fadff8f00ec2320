// The training of a network of a single cell on images.
import type { ImageDataset } from '../../../datasets/dataset.js';
import { lowerModel } from '../../../exporters/onnx.js';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import type { Normalisation } from '../../data/normalise.js';
import { splitIndices } from '../../data/split.js';
import { metricsIn } from '../../loop/meter.js';
import { childReports } from '../../networks/child-programs.js';
import { bindWeights } from '../../networks/inference-graph.js';
import { metadataOf } from '../../networks/metadata.js';
import { oneCellInference } from '../../networks/one-cell/inference.js';
import { type OneCellChild, oneCellEvaluation, oneCellStep } from '../../networks/one-cell/programs.js';
import { openStream } from '../../random.js';
import { runFiles } from '../../runs/run-store.js';
import { ONE_CELL_FORM } from '../../spaces/one-cell.js';
import { parseGenotypeOf } from '../../spaces/parse.js';
import { version } from '../../version.js';
import { describeImages } from '../classification/describe-images.js';
import { batchForm, imageBatches, imagesInOrder, networkImage } from '../classification/image-batches.js';
import { searchMeasures } from '../classification/measures.js';
import { confusionFiles, cutWeights } from '../classification/ship.js';
import type { Shipped, Trained, TrainingNetworks, TrainingProblem } from '../training-problem.js';
import type { OneCellTraining } from './settings.js';

/** Of the split of the training images: networks of every seed are held against the same ones. */
const splitSeed = 0;

/** The network that settings mean on images of a data set. @throws GenonnxError for what does not fit. */
export function oneCellChild(config: OneCellTraining, dataset: ImageDataset): OneCellChild {
  const { stages, cells, channels: initChannels, stemStride, batch } = config;
  return {
    genotype: parseGenotypeOf(ONE_CELL_FORM, config.genotype),
    stages,
    cells,
    initChannels,
    stemStride,
    classes: dataset.classes.length,
    batch,
    image: networkImage(dataset, config),
  };
}

/** @throws GenonnxError `usage`, `image-size`, and what a genotype's text may be refused for. */
export function oneCellTraining(config: OneCellTraining, dataset: ImageDataset): TrainingProblem {
  const { train, test } = dataset;
  const split = splitOf(dataset, config.validationShare);
  const form = batchForm(dataset, config);
  const networks = oneCellNetworks(config, dataset);
  return {
    description: describeImages(dataset),
    measures: searchMeasures,
    batches: (saved) =>
      imageBatches({ ...form, set: train, indices: split.train }, 'train-batches', config, saved),
    validation:
      split.validation.length === 0
        ? undefined
        : imagesInOrder({ ...form, set: train, indices: split.validation }),
    test: imagesInOrder({ ...form, set: test, indices: everyIndex(test.count) }),
    testExamples: test.count,
    ...networks,
    conditions: () => ({}),
    ship: (trained) =>
      shipOneCell(oneCellChild(config, dataset), trained, dataset, {
        seed: config.seed,
        normalisation: form.normalisation,
      }),
  };
}

/** What is trained, without the images that it is trained on. @throws GenonnxError as `oneCellChild`. */
export function oneCellNetworks(
  config: OneCellTraining,
  dataset: ImageDataset,
): Pick<TrainingProblem, keyof TrainingNetworks & ('step' | 'evaluation')> {
  const network = oneCellChild(config, dataset);
  return {
    step: (optimizer) => oneCellStep(network, optimizer, config.labelSmoothing),
    evaluation: () => oneCellEvaluation(network),
  };
}

function splitOf({ train }: ImageDataset, share: number) {
  return share === 0
    ? { train: everyIndex(train.count), validation: new Uint32Array(0) }
    : splitIndices(train, 1 - share, openStream(splitSeed, 'split'));
}

function everyIndex(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** The ONNX model, its weights by the names of their slots, and which class it takes for which. */
function shipOneCell(
  { batch: _, ...network }: OneCellChild,
  { arrays, test, totals }: Trained,
  dataset: ImageDataset,
  { seed, normalisation }: { readonly seed: number; readonly normalisation: Normalisation },
): Shipped {
  const deployed = { ...network, name: 'one-cell', batch: 'batch' } as const;
  const inference = oneCellInference(deployed);
  const data = cutWeights(inference.weights, arrays);
  const { parameters, cost } = inference;
  const metadata = metadataOf({
    network: deployed,
    toolVersion: version,
    seed,
    dataset: dataset.name,
    classes: dataset.classes,
    normalisation,
    scores: metricsIn(test, searchMeasures),
    cost: { parameters, macs: cost.macs },
  });
  const tensors = inference.weights.map(
    ({ name, shape }, i) => [name, { dtype: 'F32', shape, data: data[i] ?? new Float32Array(0) }] as const,
  );
  return {
    files: [
      { name: runFiles.model, data: lowerModel(bindWeights(inference, data), { metadata }).bytes },
      { name: runFiles.weights, data: encodeSafetensors(tensors) },
      ...confusionFiles(dataset, totals.get(childReports.confusion)),
    ],
    figures: { parameters, macs: cost.macs },
  };
}
