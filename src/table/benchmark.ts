// A table as a benchmark: what a network is worth, and how far that is from the best. The last epoch counts, and of several seeds
// the mean.
import type { Genotype } from '../spaces/genotype.js';
import { architectureOf } from './cells.js';
import { isNetwork, type Split, type Table, type TableNetwork } from './table-file.js';

/** A network with its values. */
export interface Listed extends TableNetwork {
  readonly architecture: string;
}

/** A table that can be asked. */
export interface Benchmark {
  readonly table: Table;
  /** What regret and percentile go by. */
  readonly split: Split;
  /** Places among `table.seeds` of those that count: the ones that all networks were trained with, or all where there is none. */
  readonly seeds: readonly number[];
  /** Those that were trained with every seed that counts, in the order of the table. */
  readonly networks: readonly Listed[];
  /** The network that a genotype is; undefined where it is none of the table's. */
  find(genotype: Genotype): Listed | undefined;
  /** The metric of the last epoch: the mean over the seeds that count, or that of one of them, by its place among `table.seeds`. */
  value(network: Listed, split: Split, seed?: number): number;
  /** How much worse than the best network of the table it is, in the metric; never negative. */
  regret(network: Listed): number;
  /** Share of the networks that are not better, itself not counted: 1 is the best. */
  percentile(network: Listed): number;
}

/**
 * What a table says. In one that is still made, seeds that some networks lack are left out, and else the networks that lack one.
 * @param split what networks are worth: their test examples, or, while something is still chosen by it, those of validation.
 */
export function benchmarkOf(table: Table, split: Split = 'test'): Benchmark {
  const { metric } = table;
  const every = Object.entries(table.cells).flatMap(([architecture, cell]) =>
    isNetwork(cell) ? [{ architecture, ...cell }] : [],
  );
  const has = ({ seconds }: Listed, seed: number): boolean => (seconds[seed] ?? null) !== null;
  const places = [...table.seeds.keys()];
  const whole = places.filter((seed) => every.every((network) => has(network, seed)));
  const seeds = whole.length > 0 ? whole : places;
  const networks = every.filter((network) => seeds.every((seed) => has(network, seed)));
  const byArchitecture = new Map(networks.map((network) => [network.architecture, network]));
  const value: Benchmark['value'] = (network, part, seed) => {
    const lists = network[part]?.[metric.name] ?? [];
    const chosen = seed === undefined ? seeds : [seed];
    const last = chosen.map((place) => lists[place]?.at(-1) ?? Number.NaN);
    return last.reduce((sum, one) => sum + one, 0) / last.length;
  };
  const sign = metric.better === 'higher' ? 1 : -1;
  const values = networks.map((network) => sign * value(network, split));
  const best = Math.max(...values);
  return {
    table,
    split,
    seeds,
    networks,
    find: (genotype) => byArchitecture.get(architectureOf(spaceOf(table), genotype)),
    value,
    regret: (network) => best - sign * value(network, split),
    percentile: (network) => {
      const own = sign * value(network, split);
      return (values.filter((other) => other <= own).length - 1) / Math.max(values.length - 1, 1);
    },
  };
}

/** As far as architecture strings need to know it: the output is what genotypes say. */
function spaceOf({ space }: Table) {
  return {
    cellTypes: space.cellTypes.map(({ name, inputs, nodes, primitives }) => ({
      name,
      title: name,
      inputs,
      nodes,
      primitives,
      derivation: { kept: 1 },
    })),
  };
}
