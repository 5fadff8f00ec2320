// From a preset and what is given to the whole settings of a search of a recurrent cell.
import { METHODS, requireTaken } from '../../estimators/methods.js';
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { methodOptionsSchema } from '../recipes.js';
import type { SettingsRequest } from '../task.js';
import { languageChoice } from './presets.js';
import {
  type LanguageSearchConfig,
  type LanguageSearchPresetName,
  languageSearchPresets,
  languageSearchSchema,
  searchPresetFor,
} from './search-settings.js';

export interface LanguageSearchRequest extends SettingsRequest<LanguageSearchPresetName> {
  readonly given: Given<LanguageSearchConfig>;
}

/** @throws GenonnxError `usage` for settings that cannot be, or that the method does not take. */
export function resolveLanguageSearch({
  preset,
  given,
  threads,
}: LanguageSearchRequest): LanguageSearchConfig {
  const { name, data } = languageChoice(preset, given.data);
  const method = METHODS.find((known) => known === given.method) ?? languageSearchPresets[name].method;
  const { samples, scope, parameterisation, normalise, route } = given;
  requireTaken(method, methodOptionsSchema.parse({ samples, scope, parameterisation, normalise, route }));
  const settings = withGiven({ ...searchPresetFor(name, method), data, seed: 1, threads }, given);
  // In a small run the temperature falls over the whole of it.
  const follows = name === 'small' && given.temperature?.epochs === undefined;
  return parseSettings(
    languageSearchSchema,
    follows ? withGiven(settings, { temperature: { epochs: settings.epochs } }) : settings,
  );
}
