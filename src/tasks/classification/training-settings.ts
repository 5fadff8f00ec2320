// Everything that determines the training of an image classifier, validated.

import { z } from 'zod';
import type { OptimizerName } from '../../../graphs/optimizers/index.js';
import { imagenetAugmentation } from '../../data/pictures/imagenet.js';
import { NETWORK_NAMES, paperSizes } from '../../networks/evaluation.js';
import { defaultWeights } from '../../optimizers/weight-settings.js';
import { trainingRecipe } from '../recipes.js';
import { imageOptions } from './image-settings.js';
import type { TrainingPresetName } from './presets.js';

const positive = z.int().min(1);
const share = z.number().min(0).lt(1);

export const trainConfigSchema = z.object({
  ...imageOptions,
  ...trainingRecipe,
  /** Text form. */
  genotype: z.string().min(1),
  // Earlier versions trained no other, and did not say so.
  network: z.enum(NETWORK_NAMES).default('cifar'),
  cells: positive,
  channels: positive,
  batch: positive,
  labelSmoothing: share,
  /** Largest drop probability, reached linearly in the last epoch. */
  dropPath: share,
  auxiliary: z.boolean(),
  auxiliaryWeight: z.number().min(0),
  /** Share of the training images that are held out to choose the best checkpoint; 0 keeps the last. */
  validationShare: share,
});

export type TrainConfig = z.infer<typeof trainConfigSchema>;

type Defaults = Omit<TrainConfig, 'data' | 'seed' | 'threads' | 'genotype'>;

/** The CIFAR-10 recipe of DARTS and DATA. */
export const cifarTraining: Defaults = {
  network: 'cifar',
  cells: 20,
  channels: 36,
  batch: 96,
  epochs: 600,
  cropPadding: 4,
  flip: true,
  cutout: 16,
  engine: 'auto',
  layout: 'auto',
  checkpointSeconds: 60,
  weights: defaultWeights.sgd,
  schedule: 'cosine',
  labelSmoothing: 0,
  dropPath: 0.2,
  auxiliary: true,
  auxiliaryWeight: 0.4,
  validationShare: 0,
};

/** For a few thousand small images: a small network, light augmentation, no auxiliary head, a faster start. */
export const smallTraining: Defaults = {
  ...cifarTraining,
  cells: 5,
  channels: 8,
  batch: 32,
  epochs: 12,
  cropPadding: 2,
  cutout: 0,
  weights: { ...cifarTraining.weights, learningRate: 0.05 },
  dropPath: 0,
  auxiliary: false,
  validationShare: 0.1,
};

/**
 * The paper's on ImageNet; what it does not say is as in DARTS.
 *
 * Deviation: the power of its schedule is DeepLab's. The last state counts, and the images of the validation folder are read once,
 * at the end, as test images; both papers choose the best epoch by them.
 */
export const imagenetTraining: Defaults = {
  ...cifarTraining,
  network: 'imagenet',
  cells: paperSizes.imagenet.cells,
  channels: paperSizes.imagenet.initChannels,
  batch: 128,
  epochs: 250,
  cropPadding: 0,
  cutout: 0,
  augmentation: imagenetAugmentation,
  weights: { ...defaultWeights.sgd, learningRate: 0.1, weightDecay: 3e-5 },
  schedule: 'poly',
  labelSmoothing: 0.1,
  dropPath: 0,
};

/** DARTS's: another schedule. */
export const imagenetDartsTraining: Defaults = { ...imagenetTraining, schedule: 'exponential' };

export const trainingPresets: { readonly [P in TrainingPresetName]: Defaults } = {
  cifar: cifarTraining,
  small: smallTraining,
  imagenet: imagenetTraining,
  'imagenet-darts': imagenetDartsTraining,
};

/** A preset, for another optimizer than its own with what is usual for that one. */
export function trainingPreset(name: TrainingPresetName, optimizer: OptimizerName): Defaults {
  const preset = trainingPresets[name];
  return preset.weights.optimizer === optimizer ? preset : { ...preset, weights: defaultWeights[optimizer] };
}
