// From a preset and what is given to the whole settings of a training.
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { presetOf } from './presets.js';
import { type TrainConfig, trainConfigSchema, trainingPresets } from './training-settings.js';

/** Any member of the settings, and the genotype as text. */
export type TrainingGiven = Given<TrainConfig> & Pick<TrainConfig, 'genotype'>;

export interface TrainingRequest {
  readonly preset?: keyof typeof trainingPresets | undefined;
  readonly given: TrainingGiven;
  /** Of the machine. */
  readonly threads: number;
}

/** @throws GenonnxError `usage` for settings that cannot be. */
export function resolveTraining({ preset, given, threads }: TrainingRequest): TrainConfig {
  const { name, data } = presetOf(preset, given.data);
  return parseSettings(
    trainConfigSchema,
    withGiven({ ...trainingPresets[name], data, seed: 1, threads }, given),
  );
}
