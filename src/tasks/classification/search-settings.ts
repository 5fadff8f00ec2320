// Everything that determines the search of an image classifier, validated: the recipe, and what images and network it is of.

import { z } from 'zod';
import { METHOD_TABLE, type MethodName, resolveOptions } from '../../estimators/methods.js';
import { NETWORK_NAMES } from '../../networks/evaluation.js';
import { defaultWeights } from '../../optimizers/weight-settings.js';
import { searchRecipe } from '../recipes.js';
import { imageOptions } from './image-settings.js';
import { latencySchema } from './latency-budget.js';

const positive = z.int().min(1);

/** In the unit of the budget, and which child it is for. */
const budgetOptions = { most: z.number().positive(), cells: positive, channels: positive };

export const searchConfigSchema = z.object({
  ...imageOptions,
  ...searchRecipe,
  /** Whose stem the supernet has, and which network will be trained. */
  network: z.enum(NETWORK_NAMES).default('cifar'),
  cells: positive,
  channels: positive,
  batch: positive,
  /** What the trained child may cost in expectation, at the sizes that it will have. */
  budget: z
    .discriminatedUnion('unit', [
      z.object({ unit: z.enum(['macs', 'parameters']), ...budgetOptions }),
      z.object({ unit: z.literal('latency'), ...budgetOptions, latency: latencySchema }),
    ])
    .optional(),
});

export type SearchConfig = z.infer<typeof searchConfigSchema>;

/** DARTS's and DATA's settings for CIFAR-10. */
export const cifarSearch: Omit<SearchConfig, 'data' | 'seed' | 'threads'> = {
  method: 'egs',
  network: 'cifar',
  cells: 8,
  channels: 16,
  batch: 64,
  epochs: 100,
  cropPadding: 4,
  flip: true,
  cutout: 0,
  engine: 'auto',
  layout: 'auto',
  checkpointSeconds: 60,
  mode: 'alternating',
  samples: 4,
  scope: 'node',
  parameterisation: 'softmax',
  normalise: 'none',
  route: 'all',
  temperature: { start: 5, end: 1, epochs: 150 },
  trainFraction: 0.5,
  warmupEpochs: 0,
  weights: { ...defaultWeights.sgd, finalLearningRate: 0.001 },
  alphas: { learningRate: 3e-4, beta1: 0.5, beta2: 0.999, weightDecay: 0 },
  penalties: { entropy: 0, operations: 0, budget: 0 },
  stopOnSkips: false,
};

/**
 * For a few thousand small images and a few hundred steps: a smaller network, and alphas that move ten times faster,
 * since there are a hundred times fewer steps to move them in.
 */
export const smallSearch: Omit<SearchConfig, 'data' | 'seed' | 'threads'> = {
  ...cifarSearch,
  cells: 4,
  channels: 8,
  batch: 32,
  epochs: 6,
  cropPadding: 2,
  temperature: { start: 3, end: 1, epochs: 6 },
  weights: { ...cifarSearch.weights, finalLearningRate: 0.0025 },
  alphas: { ...cifarSearch.alphas, learningRate: 0.02 },
};

type Preset = typeof cifarSearch;

/**
 * A preset for another method than its own: what its authors set of temperature, Adam and mode, and what the method is of
 * its options. A preset for few steps keeps its own rate of the alphas, and a schedule as long as its epochs.
 */
export function presetFor(name: keyof typeof searchPresets, method: MethodName): Preset {
  const preset = searchPresets[name];
  if (method === preset.method) return preset;
  const { settings } = METHOD_TABLE[method];
  const { samples, scope, parameterisation, normalise, route } = resolveOptions(method);
  const { from, to, epochs } = settings.temperature;
  const few = name === 'small';
  const rate = few ? preset.alphas.learningRate : settings.alphas.learningRate;
  return {
    ...preset,
    method,
    samples,
    scope,
    parameterisation,
    normalise,
    route,
    mode: settings.mode,
    temperature: { start: from, end: to, epochs: few ? preset.epochs : Math.max(epochs, 1) },
    alphas: { ...settings.alphas, learningRate: rate },
  };
}

export const searchPresets = { cifar: cifarSearch, small: smallSearch } as const;
