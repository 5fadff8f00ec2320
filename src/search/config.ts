// Everything that determines a search, validated. The resolved configuration is written into the run folder and is what
// a resumed run must agree with.
import { z } from 'zod';
import { METHOD_TABLE, METHODS, type MethodName, resolveOptions } from '../estimators/methods.js';
import { latencySchema } from './latency-budget.js';

const positive = z.int().min(1);
const rate = z.number().min(0);

export const imageOptions = {
  data: z.string().min(1),
  limit: positive.optional(),
  /** Images are surrounded with zeros to this extent. */
  padTo: positive.optional(),
  cropPadding: z.int().min(0),
  flip: z.boolean(),
  cutout: z.int().min(0),
};

export const weightOptimizer = z.object({
  learningRate: rate,
  finalLearningRate: rate,
  momentum: z.number().min(0).max(1),
  weightDecay: rate,
  clipNorm: z.number().positive(),
});

export const engineOptions = {
  threads: positive,
  engine: z.enum(['auto', 'ort', 'tfjs']).default('ort'),
  layout: z.enum(['auto', 'blocked', 'portable']),
  /** Seconds between checkpoints inside of an epoch; there is one after each epoch in any case. */
  checkpointSeconds: z.number().min(0),
};

const methodOptions = {
  samples: positive,
  scope: z.enum(['edge', 'node']),
  parameterisation: z.enum(['softmax', 'relu']),
  normalise: z.enum(['none', 'sum']),
  route: z.enum(['all', 'active']),
};

/** In the unit of the budget, and which child it is for. */
const budgetOptions = { most: z.number().positive(), cells: positive, channels: positive };

/** Options of a method, as far as they are given. */
export const methodOptionsSchema = z.object(methodOptions).partial();

export const searchConfigSchema = z.object({
  ...imageOptions,
  ...engineOptions,
  cells: positive,
  channels: positive,
  batch: positive,
  epochs: positive,
  seed: z.int(),
  /** Which relaxation; `samples` to `route` are its options. */
  method: z.enum(METHODS).default('egs'),
  /** `alternating`: alphas on the validation half, weights on the training half; `joint`: both on every batch. */
  mode: z.enum(['alternating', 'joint']),
  ...methodOptions,
  temperature: z.object({ start: z.number().positive(), end: z.number().positive(), epochs: positive }),
  /** Share of the training images that the weights learn from; the rest are the alphas'. */
  trainFraction: z.number().gt(0).lt(1),
  /** Epochs at the start in which the alphas stay as they are. */
  warmupEpochs: z.int().min(0),
  weights: weightOptimizer,
  alphas: z.object({
    learningRate: rate,
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    weightDecay: rate,
  }),
  /** Weights of terms that are added to the loss of the alphas; 0 leaves them out. */
  penalties: z
    .object({
      /** Mean entropy of the groups, in nats: the search decides sooner. */
      entropy: rate,
      /** Expected operations of a cell's code: cells get smaller. */
      operations: rate,
      /** The square of the excess over the budget, as a share of it. */
      budget: rate,
    })
    .default({ entropy: 0, operations: 0, budget: 0 }),
  /** What the trained child may cost in expectation, at the sizes that it will have. */
  budget: z
    .discriminatedUnion('unit', [
      z.object({ unit: z.enum(['macs', 'parameters']), ...budgetOptions }),
      z.object({ unit: z.literal('latency'), ...budgetOptions, latency: latencySchema }),
    ])
    .optional(),
  /** Whether the search ends where skip connections dominate (DARTS+), for methods of two operations a node. */
  stopOnSkips: z.boolean().default(false),
});

export type SearchConfig = z.infer<typeof searchConfigSchema>;

/** DARTS's and DATA's settings for CIFAR-10. */
export const cifarSearch: Omit<SearchConfig, 'data' | 'seed' | 'threads'> = {
  method: 'egs',
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
  weights: { learningRate: 0.025, finalLearningRate: 0.001, momentum: 0.9, weightDecay: 3e-4, clipNorm: 5 },
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
