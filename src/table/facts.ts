// What is to be known of a table before anything is compared on it: how well its seeds agree on who is better, and which networks
// nobody beats at their size.
import { kendallTau } from '../statistics.js';
import type { Benchmark, Listed } from './benchmark.js';
import type { Split } from './table-file.js';

/** Rank correlations of pairs of seeds, their mean over all pairs; undefined where there is nothing to order. */
export interface Agreement {
  readonly all: number | undefined;
  /** Among the best fifth of the networks, by the mean of all seeds. */
  readonly best: number | undefined;
}

export function agreementOfSeeds(benchmark: Benchmark, split: Split): Agreement {
  const { seeds, networks, value } = benchmark;
  const pairs = seeds.flatMap((a, place) => seeds.slice(0, place).map((b) => [a, b] as const));
  const over = (chosen: readonly Listed[]): number | undefined => {
    const taus = pairs.flatMap(([a, b]) => {
      const tau = kendallTau(
        chosen.map((network) => value(network, split, a)),
        chosen.map((network) => value(network, split, b)),
      );
      return tau === undefined ? [] : [tau];
    });
    return taus.length === 0 ? undefined : taus.reduce((sum, tau) => sum + tau, 0) / taus.length;
  };
  return { all: over(networks), best: over(bestFifth(benchmark, split)) };
}

/** Standard deviations: of what networks are worth, without the chance of their trainings, and of two trainings of one network. */
export interface Spread {
  readonly between: number;
  readonly noise: number;
}

/**
 * Variance components of networks x seeds, k of the latter: the mean variance of a network's trainings is s^2, and that of the means
 * of all networks t^2 + s^2 / k, from which t^2 follows. NaN with less than two seeds or networks.
 */
export function spreadOf({ seeds, networks, value }: Benchmark, split: Split): Spread {
  const variance = (values: readonly number[]): number => {
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    return values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
  };
  const within = networks.map((network) => variance(seeds.map((seed) => value(network, split, seed))));
  const noise = within.reduce((sum, one) => sum + one, 0) / within.length;
  const ofMeans = variance(networks.map((network) => value(network, split)));
  return { between: Math.sqrt(Math.max(0, ofMeans - noise / seeds.length)), noise: Math.sqrt(noise) };
}

/** The best fifth of the networks by the mean of all seeds, the best first. */
export function bestFifth({ networks, value, table }: Benchmark, split: Split): Listed[] {
  const sign = table.metric.better === 'higher' ? 1 : -1;
  return networks
    .toSorted((a, b) => sign * (value(b, split) - value(a, split)))
    .slice(0, Math.ceil(networks.length / 5));
}

/** Networks such that every one with as few parameters is worse on the test examples, the smallest first. */
export function paretoFront({ networks, regret }: Benchmark): Listed[] {
  let least = Number.POSITIVE_INFINITY;
  return networks
    .toSorted((a, b) => a.parameters - b.parameters || regret(a) - regret(b))
    .filter((network) => {
      const own = regret(network);
      if (own >= least) return false;
      least = own;
      return true;
    });
}
