// The classification of images by networks of a single searched cell, as a row of the table of tasks: a space so small that every
// network of it can be trained, and so a method's choice be looked up (`src/table`).
import type { ImageDataset } from '../../../datasets/dataset.js';
import type { InferenceGraph } from '../../networks/inference-graph.js';
import { oneCellInference } from '../../networks/one-cell/inference.js';
import {
  ONE_CELL_FORM,
  ONE_CELL_SPACE,
  type OneCellCell,
  type OneCellPrimitive,
} from '../../spaces/one-cell.js';
import { searchMeasures } from '../classification/measures.js';
import { EMBEDDED_DATA } from '../classification/presets.js';
import type { SearchedShape, SearchedTask, TaskSizes } from '../task.js';
import { resolveOneCellSearch, resolveOneCellTraining } from './resolve.js';
import { oneCellSearch, oneCellSearchNetworks } from './search.js';
import {
  ONE_CELL_PRESETS,
  type OneCellPresetName,
  type OneCellSearch,
  type OneCellTraining,
  oneCellSearchSchema,
  oneCellTrainingSchema,
} from './settings.js';
import { oneCellChild, oneCellNetworks, oneCellTraining } from './training.js';

export interface OneCell extends SearchedShape {
  readonly data: ImageDataset;
  readonly search: OneCellSearch;
  readonly training: OneCellTraining;
  readonly searchPreset: OneCellPresetName;
  readonly trainingPreset: OneCellPresetName;
  readonly cell: OneCellCell;
  readonly primitive: OneCellPrimitive;
}

export const oneCell: SearchedTask<OneCell> = {
  measures: searchMeasures,
  form: ONE_CELL_FORM,
  space: ONE_CELL_SPACE,
  embedded: [EMBEDDED_DATA],
  examples: ({ train, test }) => ({ train: train.count, test: test.count }),
  search: {
    presets: ONE_CELL_PRESETS,
    schema: oneCellSearchSchema,
    resolve: resolveOneCellSearch,
    problem: (settings, dataset) => oneCellSearch(settings, dataset, ONE_CELL_SPACE),
    sizes: {
      networks: (settings, dataset) => oneCellSearchNetworks(settings, dataset, ONE_CELL_SPACE),
      ...networkSizes<OneCellSearch>(),
    },
  },
  training: {
    presets: ONE_CELL_PRESETS,
    schema: oneCellTrainingSchema,
    resolve: resolveOneCellTraining,
    // What cannot be built is refused before anything is written.
    problem(settings, dataset) {
      inferenceOf(settings, dataset);
      return oneCellTraining(settings, dataset);
    },
    sizes: { networks: oneCellNetworks, ...networkSizes<OneCellTraining>() },
    parameters: (settings, dataset) => inferenceOf(settings, dataset).parameters,
    inference: inferenceOf,
  },
};

/** For one image. */
function inferenceOf(settings: OneCellTraining, dataset: ImageDataset): InferenceGraph {
  return oneCellInference({ ...oneCellChild(settings, dataset), batch: 1 });
}

function networkSizes<S extends Pick<OneCellSearch & OneCellTraining, 'batch' | 'channels'>>(): Omit<
  TaskSizes<S, ImageDataset, never>,
  'networks'
> {
  return {
    batch: { name: 'batch', of: ({ batch }) => batch, with: (settings, batch) => ({ ...settings, batch }) },
    width: {
      name: 'channels',
      of: ({ channels }) => channels,
      with: (settings, channels) => ({ ...settings, channels }),
    },
  };
}
