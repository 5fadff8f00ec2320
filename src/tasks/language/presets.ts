// Which preset and which text a run has where nothing is said of them.

/** The text that comes with the package. */
export const EMBEDDED_TEXT = 'sotu';
/** It, and its first and second half. */
export const EMBEDDED_PARTS = [EMBEDDED_TEXT, 'sotu-early', 'sotu-late'] as const;

/** With a text of their own people want the published settings, with the embedded one a run of minutes. */
export function languageChoice<Preset extends string>(
  preset: Preset | undefined,
  data: string | undefined,
): { readonly name: Preset | 'ptb' | 'small'; readonly data: string } {
  const isEmbedded = data === undefined || EMBEDDED_PARTS.some((part) => part === data);
  return { name: preset ?? (isEmbedded ? 'small' : 'ptb'), data: data ?? EMBEDDED_TEXT };
}
