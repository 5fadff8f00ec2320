// The colours of the style sheet as a canvas needs them, in the scheme that is shown.
const dark = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();
const listeners = new Set<() => void>();

dark.addEventListener('change', () => {
  known.clear();
  for (const listener of listeners) listener();
});

/** The value of a variable, `--train`. */
export function colourOf(variable: string): string {
  const found = known.get(variable);
  if (found !== undefined) return found;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  known.set(variable, colour);
  return colour;
}

/** Calls `listener` when light turns into dark or back, until the function that is returned is called. */
export function onScheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
