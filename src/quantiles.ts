// Order statistics of timings.

/**
 * The value that the given share of the samples does not exceed (nearest rank); for a half, the median: between the two
 * middle ones where their number is even. NaN without samples.
 */
export function quantiles(samples: readonly number[]): (share: number) => number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (rank: number): number => sorted[rank] ?? Number.NaN;
  const { length } = sorted;
  return (share) => {
    if (share === 0.5) return (at(Math.floor((length - 1) / 2)) + at(Math.ceil((length - 1) / 2))) / 2;
    return at(Math.max(Math.ceil(share * length) - 1, 0));
  };
}
