// Which preset and which images a run has where nothing is said of them: the embedded images, and the settings for so few.

/** The data set that comes with the package. */
export const EMBEDDED_DATA = 'fashion-mnist';

export const PRESET_NAMES = ['cifar', 'small'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export function presetOf(
  preset: PresetName | undefined,
  data: string | undefined,
): { readonly name: PresetName; readonly data: string } {
  return { name: preset ?? (data === undefined ? 'small' : 'cifar'), data: data ?? EMBEDDED_DATA };
}
