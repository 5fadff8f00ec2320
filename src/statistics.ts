// A few numbers in, their mean, spread and confidence interval out. Pure functions.
//
// The interval is Student's: mean ± t s / sqrt(n), where s is the standard deviation with n - 1 in its denominator and t
// the two-sided quantile at n - 1 degrees of freedom. It takes the runs for independent draws of a normal distribution;
// with the three to five seeds that a study has, t is large (4.30 for three), and so is the interval. It should be.
//
// The mean of a quantity that has bounds (seconds are not negative, a share is at most 1) lies within them. What of an
// interval lies outside is cut off: no value that the mean could have is lost, so that as many intervals hold it as before.

/** The share of intervals that hold the true mean, in the long run. */
export const confidence = 0.95;

/** What a report says about its intervals. */
export const intervalMethod =
  '95 % confidence interval of the mean, Student t, n - 1 degrees of freedom, cut off where the mean cannot be';

/** Least and largest value of a quantity. */
export type Bounds = readonly [least: number, most: number];

export const unbounded: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
/** Of counts, seconds, and losses. */
export const nonNegative: Bounds = [0, Number.POSITIVE_INFINITY];

export interface Summary {
  /** How many numbers. */
  readonly n: number;
  readonly mean: number;
  /** With n - 1 in the denominator; null for a single number. */
  readonly standardDeviation: number | null;
  /** Null for a single number. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** `bounds`: of the numbers. Undefined where there are none. */
export function summarise(values: readonly number[], [least, most] = unbounded): Summary | undefined {
  const n = values.length;
  const [first] = values;
  if (first === undefined) return undefined;
  // Equal numbers have exactly that mean, and no spread; their sum may be rounded.
  const areEqual = values.every((value) => value === first);
  const mean = areEqual ? first : values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, standardDeviation: null, interval: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(squares / (n - 1));
  const half = (studentQuantile(confidence, n - 1) * standardDeviation) / Math.sqrt(n);
  return {
    n,
    mean,
    standardDeviation,
    interval: [Math.max(mean - half, least), Math.min(mean + half, most)],
  };
}

/**
 * The summary of `value - reference` over the keys that both have: what two methods share by starting from one seed
 * cancels out. Undefined where they have none in common.
 */
export function summarisePairs(
  values: ReadonlyMap<number, number>,
  reference: ReadonlyMap<number, number>,
): Summary | undefined {
  const differences = [...values].flatMap(([key, value]) => {
    const other = reference.get(key);
    return other === undefined ? [] : [value - other];
  });
  return summarise(differences);
}

/** The t for which P(|T| <= t) = `probability`, 0 < probability < 1, at a whole number of degrees of freedom. */
export function studentQuantile(probability: number, degrees: number): number {
  // In the angle atan(t / sqrt(degrees)) the distribution is smooth and bounded, so that bisection ends at full precision.
  let [low, high] = [0, Math.PI / 2];
  for (let halvings = 0; halvings < 60; halvings++) {
    const middle = (low + high) / 2;
    if (withinAngle(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/**
 * P(|T| <= t) at theta = atan(t / sqrt(degrees)), by the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4:
 *
 *   even: sin (1 + 1/2 cos^2 + (1 3)/(2 4) cos^4 + ... up to cos^(degrees - 2))
 *   odd:  2/pi (theta + sin (cos + 2/3 cos^3 + (2 4)/(3 5) cos^5 + ... up to cos^(degrees - 2)))
 */
function withinAngle(theta: number, degrees: number): number {
  const isOdd = degrees % 2 === 1;
  const cosine = Math.cos(theta);
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let power = isOdd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  const series = Math.sin(theta) * sum;
  return isOdd ? (2 / Math.PI) * (theta + series) : series;
}

/**
 * Kendall's tau-b of two lists of equal length: (C - D) / sqrt((n0 - n1) (n0 - n2)), with C concordant and D discordant pairs,
 * n0 pairs in all, n1 and n2 of them ties in the one and in the other. Undefined where one of the lists orders nothing.
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | undefined {
  let balance = 0;
  let [orderedA, orderedB] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const x = Math.sign((a[i] ?? 0) - (a[j] ?? 0));
      const y = Math.sign((b[i] ?? 0) - (b[j] ?? 0));
      balance += x * y;
      orderedA += Math.abs(x);
      orderedB += Math.abs(y);
    }
  }
  return orderedA === 0 || orderedB === 0 ? undefined : balance / Math.sqrt(orderedA * orderedB);
}

/**
 * The two-sided sign test: how likely at most min(more, less) heads, or tails, of more + less throws of a coin are. Pairs that
 * are equal count for nothing. 1 where there is none that is not.
 */
export function signTest(differences: readonly number[]): number {
  const more = differences.filter((difference) => difference > 0).length;
  const less = differences.filter((difference) => difference < 0).length;
  const n = more + less;
  let term = 0.5 ** n;
  let sum = 0;
  for (let k = 0; k <= Math.min(more, less); k++) {
    sum += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

/** P(|T| >= |t|) of Student's t, two-sided: what a difference of means is worth. */
export function studentTail(t: number, degrees: number): number {
  return 1 - withinAngle(Math.atan(Math.abs(t) / Math.sqrt(degrees)), degrees);
}

/**
 * Holm's correction of p-values of several comparisons: the smallest times their number, the next times one fewer, and so on, none
 * below the one before it, at most 1. In the order of `values`.
 */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const corrected = new Array<number>(values.length).fill(1);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (values[index] ?? 1) * (values.length - rank)));
    corrected[index] = least;
  });
  return corrected;
}
