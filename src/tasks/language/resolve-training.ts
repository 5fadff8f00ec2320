// From a preset and what is given to the whole settings of the training of a language model.
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { withSchedule } from '../recipes.js';
import type { SettingsRequest } from '../task.js';
import { languageChoice } from './presets.js';
import {
  type LanguageTrainingConfig,
  type LanguageTrainingPresetName,
  languageTrainingPresets,
  languageTrainingSchema,
} from './training-settings.js';

export interface LanguageTrainingRequest extends SettingsRequest<LanguageTrainingPresetName> {
  readonly given: Given<LanguageTrainingConfig>;
}

/** @throws GenonnxError `usage` for settings that cannot be. */
export function resolveLanguageTraining({
  preset,
  given,
  threads,
}: LanguageTrainingRequest): LanguageTrainingConfig {
  const { name, data } = languageChoice(preset, given.data);
  const settings = withGiven({ ...languageTrainingPresets[name], data, seed: 1, threads }, given);
  return withSchedule(parseSettings(languageTrainingSchema, settings));
}
