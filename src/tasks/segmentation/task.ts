// The segmentation of pictures with the network of a genotype, as a row of the table of tasks. Genotypes come from searches on
// classification.
import { segmentationInference } from '../../networks/deeplab/inference.js';
import {
  CONVOLUTIONAL_FORM,
  type ConvolutionalCell,
  type ConvolutionalPrimitive,
  DARTS_SPACE,
} from '../../spaces/convolutional.js';
import { version } from '../../version.js';
import type { Task, TaskShape } from '../task.js';
import type { SegmentationData } from './data.js';
import { segmentationMeasures } from './measures.js';
import { EMBEDDED_SCENES, SEGMENTATION_PRESETS, type SegmentationPresetName } from './presets.js';
import { resolveSegmentationTraining } from './resolve-training.js';
import {
  evaluationExtent,
  segmentationNetwork,
  segmentationNetworks,
  segmentationTraining,
} from './training.js';
import { type SegmentationTrainingConfig, segmentationTrainingSchema } from './training-settings.js';

export interface Segmentation extends TaskShape {
  readonly data: SegmentationData;
  readonly training: SegmentationTrainingConfig;
  readonly trainingPreset: SegmentationPresetName;
  readonly cell: ConvolutionalCell;
  readonly primitive: ConvolutionalPrimitive;
}

export const segmentation: Task<Segmentation> = {
  measures: segmentationMeasures,
  form: CONVOLUTIONAL_FORM,
  space: DARTS_SPACE,
  embedded: [EMBEDDED_SCENES],
  examples: ({ train, test }) => ({ train: train.count, test: test.count }),
  training: {
    presets: SEGMENTATION_PRESETS,
    schema: segmentationTrainingSchema,
    resolve: resolveSegmentationTraining,
    // What cannot be built is refused before anything is written.
    problem(settings, data) {
      inferenceOf(settings, data);
      return segmentationTraining(settings, data, version);
    },
    sizes: {
      networks: segmentationNetworks,
      batch: { name: 'batch', of: ({ batch }) => batch, with: (settings, batch) => ({ ...settings, batch }) },
      width: {
        name: 'channels',
        of: ({ channels }) => channels,
        // The stem begins with half of them.
        with: (settings, channels) => ({ ...settings, channels: 2 * Math.ceil(channels / 2) }),
      },
      depth: {
        name: 'cells',
        of: ({ cells }) => cells,
        with: (settings, cells) => ({ ...settings, cells }),
        linearFrom: [3, 6],
      },
    },
    parameters: (settings, data) => inferenceOf(settings, data).parameters,
    inference: inferenceOf,
  },
};

/** Of the network that is shipped. */
function inferenceOf(settings: SegmentationTrainingConfig, data: SegmentationData) {
  const network = segmentationNetwork(settings, data, evaluationExtent(settings, data), 1);
  return segmentationInference({ ...network, name: 'deeplab' });
}
