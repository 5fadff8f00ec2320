// Numbers of a table to what is drawn of them.

/** Classes of squares by their scores, the worst first. */
export const levels = ['level-0', 'level-1', 'level-2', 'level-3', 'level-4'] as const;

/** The step of a score between the worst and the best; the only one there is counts as good. */
export function levelOf(
  score: number,
  [low, high]: readonly [number, number],
  better: 'higher' | 'lower',
): string {
  const share = high > low ? (score - low) / (high - low) : 1;
  const good = better === 'higher' ? share : 1 - share;
  return levels[Math.min(levels.length - 1, Math.floor(good * levels.length))] ?? levels[0];
}

/** Intervals of a spread. */
export const bins = 24;

/** How many values each interval has; the largest value is in the last one. */
export function countsOf(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = (high - low) / bins || 1;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const at = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}
