// The training of an image classifier: the recipes for CIFAR and ImageNet with every part optional.

import type { ImageDataset } from '../../../datasets/dataset.js';
import { splitIndices } from '../../data/split.js';
import { type ChildNetwork, childEvaluation, childStep } from '../../networks/child-programs.js';
import { droppedPathCount } from '../../networks/drop-path.js';
import { openStream } from '../../random.js';
import { parseGenotype } from '../../spaces/parse.js';
import type { TrainingNetworks, TrainingProblem } from '../training-problem.js';
import { describeImages } from './describe-images.js';
import { dropMasks, dropProbability } from './drop-masks.js';
import { batchForm, type ImageNoise, imageBatches, imagesInOrder, networkImage } from './image-batches.js';
import { trainingMeasures } from './measures.js';
import { shipClassifier } from './ship.js';
import type { TrainConfig } from './training-settings.js';

/** The network that a configuration trains on images of a data set. @throws GenonnxError for what does not fit. */
export function childNetwork(config: TrainConfig, dataset: ImageDataset): ChildNetwork {
  const { network: name, cells, channels, batch, auxiliary } = config;
  return {
    name,
    genotype: parseGenotype(config.genotype),
    cells,
    initChannels: channels,
    classes: dataset.classes.length,
    batch,
    image: networkImage(dataset, config),
    auxiliary,
  };
}

/** @throws GenonnxError `usage`, `image-size`, and what `parseGenotype` throws. */
export function classificationTraining(
  config: TrainConfig,
  dataset: ImageDataset,
  toolVersion: string,
): TrainingProblem {
  const { seed, validationShare, epochs, batch } = config;
  const programs = childTraces(config, dataset);
  const split = splitOf(dataset, validationShare, seed);
  const { validation } = dataset;
  const form = batchForm(dataset, config);
  const { network, paths } = programs;
  const probability = (epoch: number) => dropProbability(config.dropPath, epoch, epochs);
  const noise: ImageNoise = {
    name: 'masks',
    feeds: (epoch, stream) => dropMasks(paths, batch, probability(epoch), stream),
  };
  const inTraining = (indices: Uint32Array) => ({ ...form, set: dataset.train, indices });
  return {
    description: describeImages(dataset),
    measures: trainingMeasures(network.classes),
    batches: (saved) =>
      imageBatches(inTraining(split.train), 'train-batches', config, saved, paths === 0 ? undefined : noise),
    validation:
      validation !== undefined && validationShare > 0
        ? imagesInOrder({ ...form, set: validation, indices: everyIndex(validation.count) })
        : split.validation.length === 0
          ? undefined
          : imagesInOrder(inTraining(split.validation)),
    test: imagesInOrder({ ...form, set: dataset.test, indices: everyIndex(dataset.test.count) }),
    testExamples: dataset.test.count,
    step: programs.step,
    evaluation: programs.evaluation,
    conditions: (epoch) => ({ dropPath: probability(epoch) }),
    ship: (trained) =>
      shipClassifier(network, trained, {
        seed,
        dataset,
        toolVersion,
        normalisation: form.normalisation,
        preprocessing: form.pictures?.plain.view,
      }),
  };
}

interface ChildTraces extends TrainingNetworks {
  readonly network: ChildNetwork;
  /** How many are dropped at random; 0 where none are. */
  readonly paths: number;
}

/** What is trained, without the images that it is trained on. @throws GenonnxError as `childNetwork`. */
export function childTraces(config: TrainConfig, dataset: ImageDataset): ChildTraces {
  const { labelSmoothing, auxiliaryWeight, dropPath } = config;
  const network = childNetwork(config, dataset);
  const paths = dropPath > 0 ? droppedPathCount(network.genotype, network.cells) : 0;
  return {
    network,
    paths,
    step: (optimizer) =>
      childStep(network, optimizer, { labelSmoothing, auxiliaryWeight, dropPath: paths > 0 }),
    evaluation: () => childEvaluation(network),
  };
}

/** A part of the data that is held out by its own folders is taken whole, and nothing of the training images. */
function splitOf({ train, validation }: ImageDataset, validationShare: number, seed: number) {
  return validationShare === 0 || validation !== undefined
    ? { train: everyIndex(train.count), validation: new Uint32Array(0) }
    : splitIndices(train, 1 - validationShare, openStream(seed, 'split'));
}

function everyIndex(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}
