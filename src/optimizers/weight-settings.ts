// How the weights are trained, as settings say it: the optimizer with its options, and its learning rate over a run.
import { z } from 'zod';
import { type OptimizerName, optimizers } from '../../graphs/optimizers/index.js';
import type { Optimizer } from '../../graphs/optimizers/optimizer.js';

const rate = z.number().min(0);
const decay = z.number().min(0).lt(1);

const common = {
  learningRate: rate,
  /** At the end of the cosine. */
  finalLearningRate: rate,
  /** L2, added to the gradient. */
  weightDecay: rate,
  /** Largest norm of the gradient, before the decay is added; any when absent. */
  clipNorm: z.number().positive().exactOptional(),
};

export const sgdSettings = z.strictObject({
  // Earlier versions had no other, and did not say so.
  optimizer: z.literal('sgd').optional().default('sgd'),
  ...common,
  momentum: z.number().min(0).max(1),
});

export const asgdSettings = z.strictObject({
  optimizer: z.literal('asgd'),
  ...common,
  /** SGD goes first, until the held-out loss has stalled for so many epochs; without it the first step is averaged. */
  patience: z.int().min(0).exactOptional(),
});

export const adamSettings = z.strictObject({
  optimizer: z.literal('adam'),
  ...common,
  beta1: decay,
  beta2: decay,
});

export const weightSettings = z.discriminatedUnion('optimizer', [sgdSettings, asgdSettings, adamSettings]);
export type WeightSettings = z.infer<typeof weightSettings>;
type SettingsOf<O extends OptimizerName> = Extract<WeightSettings, { optimizer: O }>;

/** DARTS's for its child networks; for averaged SGD, which has no momentum, ten times their rate; and PyTorch's for Adam. */
export const defaultWeights: { readonly [O in OptimizerName]: SettingsOf<O> } = {
  sgd: {
    optimizer: 'sgd',
    learningRate: 0.025,
    finalLearningRate: 0,
    momentum: 0.9,
    weightDecay: 3e-4,
    clipNorm: 5,
  },
  asgd: {
    optimizer: 'asgd',
    learningRate: 0.25,
    finalLearningRate: 0,
    weightDecay: 3e-4,
    clipNorm: 5,
    patience: 5,
  },
  adam: {
    optimizer: 'adam',
    learningRate: 1e-3,
    finalLearningRate: 0,
    beta1: 0.9,
    beta2: 0.999,
    weightDecay: 3e-4,
    clipNorm: 5,
  },
};

/** Names of the settings that an optimizer has. */
export const weightSettingNames: { readonly [O in OptimizerName]: readonly string[] } = {
  sgd: Object.keys(sgdSettings.shape),
  asgd: Object.keys(asgdSettings.shape),
  adam: Object.keys(adamSettings.shape),
};

const rows: { readonly [O in OptimizerName]: (settings: SettingsOf<O>) => Optimizer } = optimizers;

/** The optimizer that the settings name, with its options. */
export function optimizerOf<O extends OptimizerName>(settings: SettingsOf<O>): Optimizer {
  return rows[settings.optimizer](settings);
}
