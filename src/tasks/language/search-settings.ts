// Everything that determines the search of a recurrent cell, validated.
import { z } from 'zod';
import { METHOD_TABLE, type MethodName, resolveOptions } from '../../estimators/methods.js';
import { searchRecipe } from '../recipes.js';
import { languageOptions, ptbRegularisation } from './language-settings.js';

export const SPLITS = ['validation', 'training'] as const;

export const languageSearchSchema = z.object({
  ...languageOptions,
  ...searchRecipe,
  /**
   * What the alphas learn from: the validation text, as DARTS has it, on which their perplexity then says little, or what
   * `trainFraction` leaves of the training text.
   */
  split: z.enum(SPLITS),
});

export type LanguageSearchConfig = z.infer<typeof languageSearchSchema>;
export type LanguageSearchPreset = Omit<LanguageSearchConfig, 'data' | 'seed' | 'threads'>;

/** DARTS's settings for its search on Penn Treebank, DATA's method. */
const ptb: LanguageSearchPreset = {
  ...ptbRegularisation,
  dropout: { ...ptbRegularisation.dropout, rows: 0 },
  width: 300,
  batch: 256,
  bptt: 35,
  validationBatch: 10,
  epochs: 50,
  engine: 'auto',
  layout: 'portable',
  checkpointSeconds: 60,
  method: 'egs',
  mode: 'alternating',
  samples: 4,
  scope: 'node',
  parameterisation: 'softmax',
  normalise: 'none',
  route: 'all',
  temperature: { start: 5, end: 1, epochs: 150 },
  split: 'validation',
  trainFraction: 0.9,
  warmupEpochs: 0,
  schedule: 'constant',
  weights: {
    optimizer: 'sgd',
    learningRate: 20,
    finalLearningRate: 20,
    momentum: 0,
    weightDecay: 5e-7,
    clipNorm: 0.25,
  },
  alphas: { learningRate: 3e-3, beta1: 0.9, beta2: 0.999, weightDecay: 1e-3 },
  penalties: { entropy: 0, operations: 0, budget: 0 },
  clipsUnrolled: true,
  stopOnSkips: false,
};

/** For some hundred thousand words and a few minutes: a narrower cell, less dropout, alphas that move faster. */
const small: LanguageSearchPreset = {
  ...ptb,
  dropout: { rows: 0, emb: 0.1, x: 0.2, h: 0.1, out: 0.2 },
  width: 64,
  batch: 32,
  bptt: 20,
  epochs: 2,
  temperature: { start: 3, end: 1, epochs: 2 },
  split: 'training',
  weights: { ...ptb.weights, learningRate: 10, finalLearningRate: 10 },
  alphas: { ...ptb.alphas, learningRate: 0.02 },
};

export const languageSearchPresets = { ptb, small } as const;
export const LANGUAGE_SEARCH_PRESETS = ['ptb', 'small'] as const;
export type LanguageSearchPresetName = (typeof LANGUAGE_SEARCH_PRESETS)[number];

/** A preset for another method than its own: what the method is of its options. DARTS's settings of the alphas stay. */
export function searchPresetFor(name: LanguageSearchPresetName, method: MethodName): LanguageSearchPreset {
  const preset = languageSearchPresets[name];
  if (method === preset.method) return preset;
  const { mode, temperature } = METHOD_TABLE[method].settings;
  const { samples, scope, parameterisation, normalise, route } = resolveOptions(method);
  const epochs = name === 'small' ? preset.epochs : Math.max(temperature.epochs, 1);
  return {
    ...preset,
    method,
    samples,
    scope,
    parameterisation,
    normalise,
    route,
    mode,
    temperature: { start: temperature.from, end: temperature.to, epochs },
  };
}
