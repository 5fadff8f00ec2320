// The search of the single cell of image classifiers.
import type { ImageDataset } from '../../../datasets/dataset.js';
import { Builder } from '../../../graphs/builder.js';
import { splitIndices } from '../../data/split.js';
import { childReports } from '../../networks/child-programs.js';
import { oneCellSupernet } from '../../networks/one-cell/supernet.js';
import type { SupernetTracer } from '../../networks/search-programs.js';
import { openStream } from '../../random.js';
import type { OneCellCell, OneCellPrimitive, OneCellSpace } from '../../spaces/one-cell.js';
import { entryCount } from '../../spaces/search-space.js';
import { describeImages } from '../classification/describe-images.js';
import { batchForm, imageBatches, imagesInOrder, networkImage } from '../classification/image-batches.js';
import { searchMeasures } from '../classification/measures.js';
import { requireBatches } from '../classification/search.js';
import { feedsOfCode } from '../code-feeds.js';
import type { SearchNetworks, SearchProblem } from '../search-problem.js';
import type { OneCellSearch } from './settings.js';

type OneCellSearchProblem = SearchProblem<OneCellCell, OneCellPrimitive>;

/** @throws GenonnxError `usage`, `image-size` for settings that do not fit the images. */
export function oneCellSearch(
  config: OneCellSearch,
  dataset: ImageDataset,
  space: OneCellSpace,
): OneCellSearchProblem {
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
    ...oneCellSearchNetworks(config, dataset, space),
    budget: undefined,
  };
}

/** What is searched, without the images that it is searched on. @throws GenonnxError `image-size`. */
export function oneCellSearchNetworks(
  config: OneCellSearch,
  dataset: ImageDataset,
  space: OneCellSpace,
): Pick<OneCellSearchProblem, keyof SearchNetworks> {
  return { space, supernet: tracer(config, dataset, space), codeFeeds: feedsOfCode };
}

function tracer(config: OneCellSearch, dataset: ImageDataset, space: OneCellSpace): SupernetTracer {
  const { stages, cells, channels: initChannels, stemStride, batch } = config;
  const image = networkImage(dataset, config);
  const classes = dataset.classes.length;
  const sizes = { stages, cells, initChannels, stemStride, classes };
  return (training, route) => {
    const g = new Builder();
    const images = g.input('images', [batch, image.channels, image.height, image.width]);
    const labels = g.input('labels', [batch], 'int64');
    const weights = g.input('weights', [batch]);
    const entries = entryCount(space);
    const code = g.input('code', [entries]);
    const forwardGates = g.input('forwardGates', [entries], 'bool');
    const backwardGates = g.input('backwardGates', [entries], 'bool');
    const logits = oneCellSupernet(
      g,
      { images, code, forwardGates, backwardGates },
      { space, training, route: route === 'all' ? 'exact' : 'active', ...sizes },
    );
    const loss = g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 });
    const reports = [
      { name: childReports.correct, value: g.one('correctCount', [logits, labels, weights], { top: 1 }) },
      { name: 'logits', value: logits },
    ];
    return { g, loss, reports, code };
  };
}
