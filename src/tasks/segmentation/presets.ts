// Which preset and which pictures a training has where nothing is said of them: the embedded scenes, and the settings for so few.

/** The data that comes with the package. */
export const EMBEDDED_SCENES = 'scenes';

export const SEGMENTATION_PRESETS = ['voc', 'small'] as const;
export type SegmentationPresetName = (typeof SEGMENTATION_PRESETS)[number];

export function segmentationChoice(
  preset: SegmentationPresetName | undefined,
  data: string | undefined,
): { readonly name: SegmentationPresetName; readonly data: string } {
  const isEmbedded = data === undefined || data === EMBEDDED_SCENES;
  return { name: preset ?? (isEmbedded ? 'small' : 'voc'), data: data ?? EMBEDDED_SCENES };
}
