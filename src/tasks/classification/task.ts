// The classification of images, as a row of the table of tasks.
import type { ImageDataset } from '../../../datasets/dataset.js';
import { inferenceGraph } from '../../networks/inference.js';
import type { InferenceGraph } from '../../networks/inference-graph.js';
import {
  CONVOLUTIONAL_FORM,
  type ConvolutionalCell,
  type ConvolutionalPrimitive,
  DARTS_SPACE,
} from '../../spaces/convolutional.js';
import { version } from '../../version.js';
import type { SearchedShape, SearchedTask, TaskSizes } from '../task.js';
import { classificationMeasures } from './measures.js';
import {
  EMBEDDED_DATA,
  PRESET_NAMES,
  type PresetName,
  TRAINING_PRESET_NAMES,
  type TrainingPresetName,
} from './presets.js';
import { resolveSearch } from './resolve-search.js';
import { resolveTraining } from './resolve-training.js';
import { classificationSearch, classificationSupernet } from './search.js';
import { type SearchConfig, searchConfigSchema } from './search-settings.js';
import { childNetwork, childTraces, classificationTraining } from './training.js';
import { type TrainConfig, trainConfigSchema } from './training-settings.js';

export interface Classification extends SearchedShape {
  readonly data: ImageDataset;
  readonly search: SearchConfig;
  readonly training: TrainConfig;
  readonly searchPreset: PresetName;
  readonly trainingPreset: TrainingPresetName;
  readonly cell: ConvolutionalCell;
  readonly primitive: ConvolutionalPrimitive;
}

export const classification: SearchedTask<Classification> = {
  measures: classificationMeasures,
  form: CONVOLUTIONAL_FORM,
  space: DARTS_SPACE,
  embedded: [EMBEDDED_DATA],
  examples: ({ train, test }) => ({ train: train.count, test: test.count }),
  search: {
    presets: PRESET_NAMES,
    schema: searchConfigSchema,
    resolve: resolveSearch,
    problem: (settings, dataset) => classificationSearch(settings, dataset, DARTS_SPACE),
    sizes: {
      networks: (settings, dataset) => classificationSupernet(settings, dataset, DARTS_SPACE),
      ...networkSizes<SearchConfig>(),
    },
  },
  training: {
    presets: TRAINING_PRESET_NAMES,
    schema: trainConfigSchema,
    resolve: resolveTraining,
    // What cannot be built is refused before anything is written.
    problem(settings, dataset) {
      inferenceGraph({ ...childNetwork(settings, dataset), batch: 1 });
      return classificationTraining(settings, dataset, version);
    },
    sizes: { networks: childTraces, ...networkSizes<TrainConfig>() },
    parameters: (settings, dataset) => inferenceOf(settings, dataset).parameters,
    inference: inferenceOf,
  },
};

function inferenceOf(settings: TrainConfig, dataset: ImageDataset): InferenceGraph {
  return inferenceGraph({ ...childNetwork(settings, dataset), auxiliary: false, batch: 1 });
}

/** Cells of a stage are alike: memory grows by the same for every three of them, one in each stage. */
function networkSizes<S extends Pick<SearchConfig & TrainConfig, 'batch' | 'channels' | 'cells'>>(): Omit<
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
    depth: {
      name: 'cells',
      of: ({ cells }) => cells,
      with: (settings, cells) => ({ ...settings, cells }),
      linearFrom: [3, 6],
    },
  };
}
