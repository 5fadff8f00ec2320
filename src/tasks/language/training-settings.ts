// Everything that determines the training of a language model, validated.
import { z } from 'zod';
import { COMBINATIONS } from '../../networks/recurrent/derived-cell.js';
import { trainingRecipe } from '../recipes.js';
import { languageOptions, ptbRegularisation } from './language-settings.js';

const positive = z.int().min(1);

export const languageTrainingSchema = z.object({
  ...languageOptions,
  ...trainingRecipe,
  /** Text form. */
  genotype: z.string().min(1),
  /** How a node joins its operations. */
  combination: z.enum(COMBINATIONS),
  /** Columns that the test text is evaluated in. */
  testBatch: positive,
});

export type LanguageTrainingConfig = z.infer<typeof languageTrainingSchema>;
export type LanguageTrainingPreset = Omit<LanguageTrainingConfig, 'data' | 'seed' | 'threads' | 'genotype'>;

/** DARTS's settings for Penn Treebank, for as many epochs as DATA's. */
const ptb: LanguageTrainingPreset = {
  ...ptbRegularisation,
  width: 850,
  batch: 64,
  bptt: 35,
  validationBatch: 10,
  testBatch: 1,
  epochs: 1600,
  engine: 'auto',
  layout: 'portable',
  checkpointSeconds: 60,
  combination: 'mean',
  schedule: 'constant',
  weights: {
    optimizer: 'asgd',
    learningRate: 20,
    finalLearningRate: 20,
    weightDecay: 8e-7,
    clipNorm: 0.25,
    patience: 5,
  },
  restore: { most: 10 },
};

/** The same for WikiText-2. */
const wt2: LanguageTrainingPreset = {
  ...ptb,
  width: 700,
  dropout: { ...ptb.dropout, h: 0.15 },
  weights: { ...ptb.weights, weightDecay: 5e-7 },
};

/** For some hundred thousand words and a few minutes: a narrow model, little dropout, more and smaller steps. */
const small: LanguageTrainingPreset = {
  ...ptb,
  dropout: { rows: 0.05, emb: 0.1, x: 0.2, h: 0.1, out: 0.3 },
  width: 128,
  batch: 20,
  bptt: 20,
  epochs: 6,
  weights: {
    optimizer: 'asgd',
    learningRate: 20,
    finalLearningRate: 20,
    weightDecay: 8e-7,
    clipNorm: 0.25,
    patience: 3,
  },
};

export const languageTrainingPresets = { ptb, wt2, small } as const;
export const LANGUAGE_TRAINING_PRESETS = ['ptb', 'wt2', 'small'] as const;
export type LanguageTrainingPresetName = (typeof LANGUAGE_TRAINING_PRESETS)[number];
