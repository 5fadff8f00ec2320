// The statistics of a benchmark: latencies in milliseconds in, the few numbers that describe them and the confidence
// interval of a ratio out. Pure functions.
//
// Runs that follow each other on one machine are not independent: a clock that drops or a neighbour that wakes up hits
// many of them. Candidates are therefore measured in interleaved rounds, and the round is the unit of the statistics: it
// gives one number, the median of its runs, in which single slow runs do not show. Two candidates are compared by
//
//   d_r = log(median of A in round r) - log(median of B in round r),   ratio = exp(median d),
//
// and the interval is that of the sign test: from the k-th smallest d to the k-th largest, with the largest k for which
//
//   2 P(X < k) <= 5 %,   X binomial of as many trials as there are rounds, at 1/2,
//
// which holds the true median at least 95 times of 100 whatever the distribution. What slows both alike in a round cancels
// out, a round in which something hit one of them alone moves neither, A/B and B/A are reciprocal, and nothing is drawn at
// random. Rejected: Student's interval around the mean of d (one such round moves it), a bootstrap (too narrow for so few).

import { GenonnxError } from '../errors.js';
import { quantiles } from '../quantiles.js';
import { confidence, studentQuantile, summarise } from '../statistics.js';
import { examplesOf } from './sizes.js';

export interface LatencySummary {
  readonly runs: number;
  readonly minimumMs: number;
  readonly medianMs: number;
  readonly p90Ms: number;
  /** The slowest run where there are fewer than 100. */
  readonly p99Ms: number;
  /** Over all runs: images, or words, divided by the sum of their latencies. */
  readonly imagesPerSecond?: number;
  readonly wordsPerSecond?: number;
}

/** Latencies of single runs of `batch` images, or so many texts of `length` words. @throws GenonnxError `usage` for none, or one that is no positive number. */
export function summariseLatencies(
  latenciesMs: readonly number[],
  batch: number,
  length?: number,
): LatencySummary {
  requireLatencies(latenciesMs);
  const quantile = quantiles(latenciesMs);
  const totalMs = latenciesMs.reduce((sum, latency) => sum + latency, 0);
  const perSecond = (1000 * examplesOf({ batch, length }) * latenciesMs.length) / totalMs;
  return {
    runs: latenciesMs.length,
    minimumMs: quantile(0),
    medianMs: quantile(0.5),
    p90Ms: quantile(0.9),
    p99Ms: quantile(0.99),
    ...(length === undefined ? { imagesPerSecond: perSecond } : { wordsPerSecond: perSecond }),
  };
}

export interface SettlingRule {
  /** How many runs each of the two medians is of. */
  readonly window: number;
  /** By how much they may differ, as a share of the earlier one. */
  readonly tolerance: number;
}

const defaultRule: SettlingRule = { window: 10, tolerance: 0.05 };

/** Whether warm-up may end: the median of the last `window` runs is that of the `window` before, within `tolerance`. */
export function settled(latenciesMs: readonly number[], rule: SettlingRule = defaultRule): boolean {
  const { window, tolerance } = rule;
  if (latenciesMs.length < 2 * window) return false;
  const last = quantiles(latenciesMs.slice(-window))(0.5);
  const before = quantiles(latenciesMs.slice(-2 * window, -window))(0.5);
  return Math.abs(last - before) <= tolerance * before;
}

/** The runs of one round, in milliseconds. */
export type Round = readonly number[];

export interface Ratio {
  /** Latency of the one divided by that of the other: below 1, the one is faster. */
  readonly ratio: number;
  /** At least 95 %; null where there are too few rounds to tell: fewer than six, for a pair. */
  readonly interval: readonly [low: number, high: number] | null;
  /** How many rounds of each it rests on. */
  readonly rounds: number;
}

/**
 * Latency of `rounds` over that of `reference`, both measured in the same interleaved rounds: round i of the one ran beside
 * round i of the other. @throws GenonnxError `usage` for different numbers of rounds, or rounds without runs.
 */
export function pairedRatio(rounds: readonly Round[], reference: readonly Round[]): Ratio {
  if (rounds.length !== reference.length) {
    throw new GenonnxError('usage', 'Only candidates of the same rounds can be paired.', {
      expected: `${reference.length} rounds`,
      found: `${rounds.length}`,
      cure: 'Measure both in one call of bench.',
    });
  }
  const others = logMedians(reference);
  const differences = logMedians(rounds)
    .map((value, round) => value - (others[round] ?? Number.NaN))
    .sort((a, b) => a - b);
  if (differences.length === 0) throw noRuns('0 rounds');
  const rank = signTestRank(differences.length);
  const [low, high] = [differences[rank - 1], differences[differences.length - rank]];
  const interval = rank === 0 || low === undefined || high === undefined ? null : ([low, high] as const);
  return {
    ratio: Math.exp(quantiles(differences)(0.5)),
    interval: exponential(interval),
    rounds: differences.length,
  };
}

/** The k of the interval above; 0 where not even the smallest and the largest make one. */
function signTestRank(trials: number): number {
  const level = (1 - confidence) / 2;
  let [rank, probability] = [0, 2 ** -trials];
  for (let below = probability; below <= level; below += probability) {
    probability *= (trials - rank) / (rank + 1);
    rank += 1;
  }
  return rank;
}

/**
 * Latency of `rounds` over that of `reference`, measured at different times: whatever changed on the machine in between
 * is in the ratio and not in the interval, which is Welch's, of the means of the logarithms.
 * @throws GenonnxError `usage` for rounds without runs.
 */
export function independentRatio(rounds: readonly Round[], reference: readonly Round[]): Ratio {
  const [one, other] = [summarise(logMedians(rounds)), summarise(logMedians(reference))];
  if (one === undefined || other === undefined) throw noRuns('0 rounds');
  const mean = one.mean - other.mean;
  const fewest = Math.min(one.n, other.n);
  if (one.standardDeviation === null || other.standardDeviation === null)
    return { ratio: Math.exp(mean), interval: null, rounds: fewest };
  const [first, second] = [one.standardDeviation ** 2 / one.n, other.standardDeviation ** 2 / other.n];
  const variance = first + second;
  // Welch and Satterthwaite, rounded down to a whole number, which widens the interval; it is never below the fewer of
  // the two. Without any spread the quotient is 0/0, and the half width 0 at any degree.
  const degrees = variance ** 2 / (first ** 2 / (one.n - 1) + second ** 2 / (other.n - 1));
  const whole = Number.isFinite(degrees) ? Math.max(Math.floor(degrees), fewest - 1) : fewest - 1;
  const half = studentQuantile(confidence, whole) * Math.sqrt(variance);
  return { ratio: Math.exp(mean), interval: exponential([mean - half, mean + half]), rounds: fewest };
}

function logMedians(rounds: readonly Round[]): number[] {
  return rounds.map((latenciesMs) => {
    requireLatencies(latenciesMs);
    return Math.log(quantiles(latenciesMs)(0.5));
  });
}

function exponential(interval: readonly [number, number] | null): Ratio['interval'] {
  return interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])];
}

function requireLatencies(latenciesMs: readonly number[]): void {
  if (latenciesMs.length === 0) throw noRuns('no runs');
  const wrong = latenciesMs.find((latency) => !(latency > 0 && latency < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw noRuns(String(wrong));
}

function noRuns(found: string): GenonnxError {
  return new GenonnxError('usage', 'These are no latencies.', {
    expected: 'at least one run, each of more than 0 ms',
    found,
  });
}
