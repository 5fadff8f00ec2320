// What the settings of every run share, whatever its task: the engine, the optimizers, the schedules. A task's own settings
// stand beside these; together they are what `config.json` holds, and what a resumed run must agree with.
import { z } from 'zod';
import { METHODS } from '../estimators/methods.js';
import { SCHEDULES, scheduleOptionsOf } from '../optimizers/schedule.js';
import { sgdSettings, weightSettings } from '../optimizers/weight-settings.js';

const positive = z.int().min(1);
const rate = z.number().min(0);

const runOptions = {
  threads: positive,
  engine: z.enum(['auto', 'ort', 'tfjs']).default('ort'),
  layout: z.enum(['auto', 'blocked', 'portable']),
  /** Seconds between checkpoints inside of an epoch; there is one after each epoch in any case. */
  checkpointSeconds: z.number().min(0),
  epochs: positive,
  seed: z.int(),
};

export const trainingRecipe = {
  ...runOptions,
  weights: weightSettings,
  schedule: z.enum(SCHEDULES),
  /** Of schedules that have options. */
  scheduleOptions: z
    .object({
      power: z.number().positive().exactOptional(),
      decay: z.number().gt(0).max(1).exactOptional(),
      decayEpochs: positive.exactOptional(),
    })
    .exactOptional(),
  /** Epochs at the start in which the learning rate rises. */
  rateWarmupEpochs: z.int().min(0).exactOptional(),
  /** Where the loss is no number any more the best state is restored, so often at most; without it the training ends there. */
  restore: z.object({ most: positive }).exactOptional(),
};

/** With every option of the schedule. @throws GenonnxError `usage` for one that it has not. */
export function withSchedule<R extends Pick<TrainingRecipe, 'schedule' | 'scheduleOptions'>>(recipe: R): R {
  const options = scheduleOptionsOf(recipe.schedule, recipe.scheduleOptions);
  return options === undefined ? recipe : { ...recipe, scheduleOptions: options };
}

const trainingRecipeSchema = z.object(trainingRecipe);
export type TrainingRecipe = z.infer<typeof trainingRecipeSchema>;

const methodOptions = {
  samples: positive,
  scope: z.enum(['edge', 'node']),
  parameterisation: z.enum(['softmax', 'relu']),
  normalise: z.enum(['none', 'sum']),
  route: z.enum(['all', 'active']),
};

/** Options of a method, as far as they are given. */
export const methodOptionsSchema = z.object(methodOptions).partial();

export const searchRecipe = {
  ...runOptions,
  weights: sgdSettings,
  /** Of the weights' learning rate; a cosine when absent. */
  schedule: z.enum(SCHEDULES).exactOptional(),
  /** Which relaxation; `samples` to `route` are its options. */
  method: z.enum(METHODS).default('egs'),
  /** `alternating`: alphas on the validation half, weights on the training half; `joint`: both on every batch. */
  mode: z.enum(['alternating', 'joint']),
  ...methodOptions,
  temperature: z.object({ start: z.number().positive(), end: z.number().positive(), epochs: positive }),
  /** Share of the training examples that the weights learn from; the rest are the alphas'. */
  trainFraction: z.number().gt(0).lt(1),
  /** Epochs at the start in which the alphas stay as they are. */
  warmupEpochs: z.int().min(0),
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
  /** Whether methods of second order clip gradients as the weights' steps do; the authors' do so for recurrent cells alone. */
  clipsUnrolled: z.boolean().exactOptional(),
  /** Whether the search ends where skip connections dominate (DARTS+), for methods of two operations a node. */
  stopOnSkips: z.boolean().default(false),
};

const searchRecipeSchema = z.object(searchRecipe);
export type SearchRecipe = z.infer<typeof searchRecipeSchema>;
