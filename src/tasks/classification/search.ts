// The search of an image classifier's cells.
import type { ImageDataset } from '../../../datasets/dataset.js';
import { splitIndices } from '../../data/split.js';
import { GenonnxError } from '../../errors.js';
import { openStream } from '../../random.js';
import type {
  ConvolutionalCell,
  ConvolutionalPrimitive,
  ConvolutionalSpace,
} from '../../spaces/convolutional.js';
import { feedsOfCode } from '../code-feeds.js';
import type { SearchNetworks, SearchProblem } from '../search-problem.js';
import { budgetOf } from './budget.js';
import { describeImages } from './describe-images.js';
import { batchForm, imageBatches, imagesInOrder, networkImage } from './image-batches.js';
import { searchMeasures } from './measures.js';
import type { SearchConfig } from './search-settings.js';
import { imageSupernet } from './supernet.js';

/** The problem of a search of convolutional cells. */
export type ClassifierSearch = SearchProblem<ConvolutionalCell, ConvolutionalPrimitive>;

/** @throws GenonnxError `usage`, `image-size` for settings that do not fit the images. */
export function classificationSearch(
  config: SearchConfig,
  dataset: ImageDataset,
  space: ConvolutionalSpace,
): ClassifierSearch {
  const { train } = dataset;
  const split = splitIndices(train, config.trainFraction, openStream(config.seed, 'split'));
  const form = batchForm(dataset, config);
  requireBatches(split.train.length, split.validation.length, config.batch);
  const of = (indices: Uint32Array) => ({ ...form, set: train, indices });
  return {
    description: describeImages(dataset),
    measures: searchMeasures,
    weightBatches: (saved) => imageBatches(of(split.train), 'train-batches', config, saved),
    alphaBatches: (saved) => imageBatches(of(split.validation), 'alpha-batches', config, saved),
    heldOut: imagesInOrder(of(split.validation)),
    ...classificationSupernet(config, dataset, space),
    budget: budgetOf(space, config, {
      name: config.network,
      classes: dataset.classes.length,
      image: networkImage(dataset, config),
    }),
  };
}

/** What is searched, without the images that it is searched on. @throws GenonnxError `image-size`. */
export function classificationSupernet(
  config: SearchConfig,
  dataset: ImageDataset,
  space: ConvolutionalSpace,
): Pick<ClassifierSearch, keyof SearchNetworks> {
  const { network: stem, cells, channels: initChannels, batch } = config;
  const image = networkImage(dataset, config);
  const classes = dataset.classes.length;
  return {
    space,
    supernet: imageSupernet({ space, stem, cells, initChannels, classes, batch, image }),
    codeFeeds: feedsOfCode,
  };
}

/** @throws GenonnxError `usage` for fewer images than a batch of each part has. */
export function requireBatches(train: number, validation: number, batch: number): void {
  if (train >= batch && validation >= batch) return;
  throw new GenonnxError('usage', 'There are not enough images for one batch of each half.', {
    expected: `at least ${batch} images for the weights and ${batch} for the alphas`,
    found: `${train} and ${validation}`,
    cure: 'Choose a smaller `batch`, or more images (`limit`).',
  });
}
