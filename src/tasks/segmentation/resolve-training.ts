// From a preset and what is given to the whole settings of the training of a segmentation.
import { GenonnxError } from '../../errors.js';
import { usualRates } from '../../networks/deeplab/network.js';
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import type { SettingsRequest } from '../task.js';
import { type SegmentationPresetName, segmentationChoice } from './presets.js';
import {
  type SegmentationTrainingConfig,
  segmentationPresets,
  segmentationTrainingSchema,
} from './training-settings.js';

export interface SegmentationTrainingRequest extends SettingsRequest<SegmentationPresetName> {
  readonly given: Given<SegmentationTrainingConfig>;
}

/** @throws GenonnxError `usage` for settings that cannot be. */
export function resolveSegmentationTraining({
  preset,
  given,
  threads,
}: SegmentationTrainingRequest): SegmentationTrainingConfig {
  const { name, data } = segmentationChoice(preset, given.data);
  const defaults = segmentationPresets[name];
  // At twice the resolution DeepLab's rates are twice as far.
  const rates = name === 'voc' ? usualRates(given.outputStride ?? defaults.outputStride) : defaults.rates;
  const base = { ...defaults, rates, data, seed: 1, threads };
  const config = parseSettings(segmentationTrainingSchema, withGiven(base, given));
  requireSteps(config);
  return config;
}

/** @throws GenonnxError `usage` where the epochs cannot share out the steps evenly. */
export function requireSteps({ steps, epochs }: Pick<SegmentationTrainingConfig, 'steps' | 'epochs'>): void {
  if (steps === undefined || steps % epochs === 0) return;
  throw new GenonnxError('usage', 'The epochs cannot share out the steps evenly.', {
    where: '`steps`',
    expected: `a multiple of the ${epochs} \`epochs\``,
    found: String(steps),
    cure: `Give \`steps\` ${Math.max(Math.round(steps / epochs), 1) * epochs}, or other \`epochs\`.`,
  });
}
