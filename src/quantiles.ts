// Order statistics of timings.

/** The value below which the given share of the samples lies (nearest rank). */
export function quantiles(samples: readonly number[]): (share: number) => number {
  const sorted = [...samples].sort((a, b) => a - b);
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
