// From a preset and what is given to the whole settings of a training.
import { OPTIMIZERS, type OptimizerName } from '../../../graphs/optimizers/index.js';
import { GenonnxError } from '../../errors.js';
import { weightSettingNames } from '../../optimizers/weight-settings.js';
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { withSchedule } from '../recipes.js';
import type { SettingsRequest } from '../task.js';
import { requireOneAugmentation, withCrops } from './image-settings.js';
import { type TrainingPresetName, trainingPresetOf } from './presets.js';
import { type TrainConfig, trainConfigSchema, trainingPreset } from './training-settings.js';

/** Any member of the settings; without a genotype they are not whole. */
export type TrainingGiven = Given<TrainConfig>;

export interface TrainingRequest extends SettingsRequest<TrainingPresetName> {
  readonly given: TrainingGiven;
}

/** @throws GenonnxError `usage` for settings that cannot be, that optimizer or schedule do not have, or that lack another. */
export function resolveTraining({ preset, given, threads }: TrainingRequest): TrainConfig {
  const { name, data } = trainingPresetOf(preset, given);
  const base = { ...trainingPreset(name, optimizerIn(given)), data, seed: 1, threads };
  const settings = withGiven(withCrops(base, given), given);
  const config = withSchedule(parseSettings(trainConfigSchema, settings));
  requireOneAugmentation(config);
  requireHeldOut(config);
  return config;
}

/** @throws GenonnxError `usage` where averaging waits for a loss that is never taken. */
function requireHeldOut({ weights, validationShare }: TrainConfig): void {
  if (weights.optimizer !== 'asgd' || weights.patience === undefined || validationShare > 0) return;
  throw new GenonnxError(
    'usage',
    'Averaging begins when the loss on held-out images stalls, and none are held out.',
    {
      where: '`validationShare`',
      expected: 'more than 0',
      found: '0',
      cure: 'Hold out some of the training images, or choose another optimizer.',
    },
  );
}

/** The optimizer that is given, or the presets' own. */
function optimizerIn({ weights = {} }: TrainingGiven): OptimizerName {
  const optimizer = OPTIMIZERS.find((known) => known === weights.optimizer) ?? 'sgd';
  const foreign = Object.keys(weights).find((name) => !weightSettingNames[optimizer].includes(name));
  if (foreign === undefined) return optimizer;
  throw new GenonnxError('usage', `The optimizer ${optimizer} has no such setting.`, {
    where: `\`weights.${foreign}\``,
    cure: 'Leave it out, or give its optimizer as `weights.optimizer`.',
  });
}
