// Everything that determines searches and trainings of networks of a single cell, validated, and their presets.
import { z } from 'zod';
import type { OptimizerName } from '../../../graphs/optimizers/index.js';
import { METHOD_TABLE, type MethodName, resolveOptions } from '../../estimators/methods.js';
import { defaultWeights } from '../../optimizers/weight-settings.js';
import { imageOptions } from '../classification/image-settings.js';
import { smallSearch } from '../classification/search-settings.js';
import { smallTraining } from '../classification/training-settings.js';
import { searchRecipe, trainingRecipe } from '../recipes.js';

const positive = z.int().min(1);
const share = z.number().min(0).lt(1);

const networkOptions = {
  ...imageOptions,
  /** Of cells, with a reduction between two of them. */
  stages: positive,
  /** Of each stage. */
  cells: positive,
  /** Of the first stage. */
  channels: positive,
  /** By how much the stem makes the images smaller. */
  stemStride: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  batch: positive,
};

export const oneCellTrainingSchema = z.object({
  ...networkOptions,
  ...trainingRecipe,
  /** Text form. */
  genotype: z.string().min(1),
  labelSmoothing: share,
  /** Share of the training images that are held out, the same at every seed. */
  validationShare: share,
});
export type OneCellTraining = z.infer<typeof oneCellTrainingSchema>;

export const oneCellSearchSchema = z.object({ ...networkOptions, ...searchRecipe });
export type OneCellSearch = z.infer<typeof oneCellSearchSchema>;

export const ONE_CELL_PRESETS = ['small'] as const;
export type OneCellPresetName = (typeof ONE_CELL_PRESETS)[number];

/** Networks that are trained in seconds, so that all of them can be. */
const sizes = { stages: 2, cells: 1, channels: 8, stemStride: 2, batch: 64 } as const;

type TrainingDefaults = Omit<OneCellTraining, 'data' | 'seed' | 'threads' | 'genotype'>;

const smallOneCellTraining: TrainingDefaults = {
  cropPadding: 0,
  flip: true,
  cutout: 0,
  ...sizes,
  epochs: 12,
  engine: 'ort',
  layout: 'auto',
  checkpointSeconds: smallTraining.checkpointSeconds,
  weights: { ...defaultWeights.sgd, learningRate: 0.1 },
  schedule: 'cosine',
  labelSmoothing: 0,
  validationShare: 0.2,
};

/** The preset, for another optimizer than its own with what is usual for that one. */
export function oneCellTrainingPreset(optimizer: OptimizerName): TrainingDefaults {
  return optimizer === smallOneCellTraining.weights.optimizer
    ? smallOneCellTraining
    : { ...smallOneCellTraining, weights: defaultWeights[optimizer] };
}

type SearchDefaults = Omit<OneCellSearch, 'data' | 'seed' | 'threads'>;

/**
 * The preset for a method: what its authors set of temperature, Adam and mode. M, scope and the rate of the alphas are those that
 * docs/tables/tuning.yaml found best on this space, by validation.
 */
export function oneCellSearchPreset(method: MethodName): SearchDefaults {
  const { settings } = METHOD_TABLE[method];
  const { samples, scope, parameterisation, normalise, route } = resolveOptions(method);
  const isOwn = method === smallSearch.method;
  const epochs = 10;
  return {
    cropPadding: 0,
    flip: true,
    cutout: 0,
    ...sizes,
    method,
    epochs,
    engine: 'ort',
    layout: 'auto',
    checkpointSeconds: smallSearch.checkpointSeconds,
    mode: isOwn ? smallSearch.mode : settings.mode,
    samples,
    scope,
    parameterisation,
    normalise,
    route,
    temperature: isOwn
      ? { start: 3, end: 1, epochs }
      : { start: settings.temperature.from, end: settings.temperature.to, epochs },
    trainFraction: 0.5,
    warmupEpochs: 0,
    weights: { ...smallSearch.weights, learningRate: 0.1, finalLearningRate: 0.001 },
    alphas: { ...(isOwn ? smallSearch.alphas : settings.alphas), learningRate: 0.003 },
    penalties: { entropy: 0, operations: 0, budget: 0 },
    stopOnSkips: false,
  };
}
