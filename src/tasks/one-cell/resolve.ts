// From the preset and what is given to the whole settings of a search or a training of networks of a single cell.
import { OPTIMIZERS } from '../../../graphs/optimizers/index.js';
import { METHODS, requireTaken } from '../../estimators/methods.js';
import { requireOneAugmentation, withCrops } from '../classification/image-settings.js';
import { EMBEDDED_DATA } from '../classification/presets.js';
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { methodOptionsSchema, withSchedule } from '../recipes.js';
import type { SettingsRequest } from '../task.js';
import {
  type OneCellPresetName,
  type OneCellSearch,
  type OneCellTraining,
  oneCellSearchPreset,
  oneCellSearchSchema,
  oneCellTrainingPreset,
  oneCellTrainingSchema,
} from './settings.js';

export interface OneCellTrainingRequest extends SettingsRequest<OneCellPresetName> {
  readonly given: Given<OneCellTraining>;
}

/** @throws GenonnxError `usage` for settings that cannot be. */
export function resolveOneCellTraining({ given, threads }: OneCellTrainingRequest): OneCellTraining {
  const optimizer = OPTIMIZERS.find((known) => known === given.weights?.optimizer) ?? 'sgd';
  const base = { ...oneCellTrainingPreset(optimizer), data: EMBEDDED_DATA, seed: 1, threads };
  const config = withSchedule(parseSettings(oneCellTrainingSchema, withGiven(withCrops(base, given), given)));
  requireOneAugmentation(config);
  return config;
}

export interface OneCellSearchRequest extends SettingsRequest<OneCellPresetName> {
  readonly given: Given<OneCellSearch>;
}

/** @throws GenonnxError `usage` for settings that cannot be, or that the method does not take. */
export function resolveOneCellSearch({ given, threads }: OneCellSearchRequest): OneCellSearch {
  const method = METHODS.find((known) => known === given.method) ?? 'egs';
  const { samples, scope, parameterisation, normalise, route } = given;
  requireTaken(method, methodOptionsSchema.parse({ samples, scope, parameterisation, normalise, route }));
  const base = { ...oneCellSearchPreset(method), data: EMBEDDED_DATA, seed: 1, threads };
  const settings = withGiven(withCrops(base, given), given);
  // The temperature falls over the whole of it.
  const follows = given.temperature?.epochs === undefined;
  const config = parseSettings(
    oneCellSearchSchema,
    follows ? withGiven(settings, { temperature: { epochs: settings.epochs } }) : settings,
  );
  requireOneAugmentation(config);
  return config;
}
