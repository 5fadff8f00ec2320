// Which preset and which images a run has where nothing is said of them: the embedded images, and the settings for so few.
import type { NetworkName } from '../../networks/evaluation.js';

/** The data set that comes with the package. */
export const EMBEDDED_DATA = 'fashion-mnist';

export const PRESET_NAMES = ['cifar', 'small'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** Of trainings. */
export const TRAINING_PRESET_NAMES = [...PRESET_NAMES, 'imagenet', 'imagenet-darts'] as const;
export type TrainingPresetName = (typeof TRAINING_PRESET_NAMES)[number];

interface Choice<Name extends string> {
  readonly name: Name;
  readonly data: string;
}

export function presetOf(preset: PresetName | undefined, data: string | undefined): Choice<PresetName> {
  return { name: preset ?? (data === undefined ? 'small' : 'cifar'), data: data ?? EMBEDDED_DATA };
}

/** With images of their own people want the published settings for the network that they train. */
export function trainingPresetOf(
  preset: TrainingPresetName | undefined,
  { data, network }: { readonly data?: string | undefined; readonly network?: NetworkName | undefined },
): Choice<TrainingPresetName> {
  const own = presetOf(undefined, data);
  return { ...own, name: preset ?? (own.name === 'cifar' ? (network ?? 'cifar') : own.name) };
}
