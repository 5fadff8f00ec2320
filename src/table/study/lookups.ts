// Methods that ask a table instead of searching with a supernet. Whoever asks for a network's validation score is told that of one
// seed of the table, drawn anew each time, as a training would give it; what it is worth in the end is the mean over all seeds.
//
// Regularized evolution (Real et al., "Regularized Evolution for Image Classifier Architecture Search", AAAI 2019): of a
// population, the best of a sample is changed in one operation of one edge, and the oldest leaves.
import { GenonnxError } from '../../errors.js';
import { type DerivationRule, deriveGenotype } from '../../estimators/derive.js';
import type { RandomStream } from '../../random.js';
import { entryCount } from '../../spaces/search-space.js';
import type { Benchmark, Listed } from '../benchmark.js';
import { declaredSpace } from '../declaration.js';
import type { Lookup, LookupName } from './config.js';

/** What a method would choose after so many queries, in order. */
export type Trajectory = readonly { readonly cost: number; readonly architecture: string }[];

/** Scores of untrained networks, by architecture: the larger the better. */
export type Scores = ReadonlyMap<string, number>;

export interface Asked {
  readonly benchmark: Benchmark;
  readonly method: Lookup;
  readonly stream: RandomStream;
  /** Of the methods that go by them. */
  readonly scores: Scores;
}

const defaultQueries = 30;

const methods: { readonly [M in LookupName]: (asked: Asked) => Trajectory } = {
  random: ({ benchmark, stream, method: { samples, scope = 'edge' } }) => {
    const drawn =
      samples === undefined ? draw(benchmark, stream) : untrained(benchmark, stream, { samples, scope });
    return [{ cost: 1, architecture: drawn.architecture }];
  },
  'random-search': ({ benchmark, stream, method: { queries = defaultQueries } }) => {
    const ask = questions(benchmark, stream);
    for (let query = 0; query < queries; query++) ask.query(draw(benchmark, stream));
    return ask.trajectory;
  },
  evolution: evolve,
  parameters: byScore,
  macs: byScore,
  synflow: byScore,
  'gradient-norm': byScore,
};

/** What the method chooses, from the stream of its seed alone. */
export function lookUp(asked: Asked): Trajectory {
  return methods[asked.method.method](asked);
}

/** A code that has a path, uniformly: networks of many codes are drawn as often. */
function draw({ networks }: Benchmark, stream: RandomStream): Listed {
  const total = networks.reduce((sum, { codes }) => sum + codes, 0);
  let left = stream.integer(total);
  for (const network of networks) {
    left -= network.codes;
    if (left < 0) return network;
  }
  throw new RangeError('a table without networks');
}

/**
 * What a search with so many samples derives of alphas that have learned nothing, small normal numbers as at its start: chance of the
 * same form, which keeps as many operations as the search would. Drawn again where it is no network of the table.
 * @throws GenonnxError `usage` where the table has none of them.
 */
function untrained(
  { table, find }: Benchmark,
  stream: RandomStream,
  rule: Pick<DerivationRule, 'samples' | 'scope'>,
): Listed {
  const space = declaredSpace(table.declaration);
  for (let draw = 0; draw < mostDraws; draw++) {
    const alphas = Float64Array.from({ length: entryCount(space) }, () => alphaDeviation * stream.normal());
    const found = find(deriveGenotype(alphas, space, { ...rule, parameterisation: 'softmax' }));
    if (found !== undefined) return found;
  }
  throw new GenonnxError('usage', 'The table has no network that such a search could derive.', {
    expected: `a network of what ${rule.samples} samples by the ${rule.scope} give`,
    found: `none in ${mostDraws} draws`,
    cure: 'Train more of the table, or take other samples.',
  });
}

const mostDraws = 10_000;

const alphaDeviation = 1e-3;

/** Asks for validation scores, and keeps the best so far. */
function questions({ seeds, value, table }: Benchmark, stream: RandomStream) {
  const sign = table.metric.better === 'higher' ? 1 : -1;
  const trajectory: { cost: number; architecture: string }[] = [];
  let best = Number.NEGATIVE_INFINITY;
  let chosen = '';
  return {
    trajectory,
    query(network: Listed): number {
      const seed = seeds[stream.integer(seeds.length)] ?? 0;
      const found = sign * value(network, table.epochs.validation.length > 0 ? 'validation' : 'test', seed);
      if (found > best) [best, chosen] = [found, network.architecture];
      trajectory.push({ cost: trajectory.length + 1, architecture: chosen });
      return found;
    },
  };
}

function evolve({ benchmark, stream, method }: Asked): Trajectory {
  const { queries = defaultQueries, population: size, sample } = method;
  const ask = questions(benchmark, stream);
  const neighbours = neighboursIn(benchmark);
  const population: { readonly network: Listed; readonly score: number }[] = [];
  for (let query = 0; query < queries; query++) {
    const network =
      population.length < size
        ? draw(benchmark, stream)
        : neighbours(parentIn(population, sample, stream), stream);
    population.push({ network, score: ask.query(network) });
    if (population.length > size) population.shift();
  }
  return ask.trajectory;
}

function parentIn(
  population: readonly { readonly network: Listed; readonly score: number }[],
  sample: number,
  stream: RandomStream,
): Listed {
  const drawn = Array.from({ length: sample }, () => population[stream.integer(population.length)]);
  const [first, ...others] = drawn.flatMap((one) => one ?? []);
  if (first === undefined) throw new RangeError('an empty population');
  return others.reduce((best, one) => (one.score > best.score ? one : best), first).network;
}

/** A network that differs in one operation of one edge, any of them alike. */
function neighboursIn({ networks }: Benchmark): (network: Listed, stream: RandomStream) => Listed {
  const entries = new Map(networks.map(({ architecture }) => [architecture, operationsIn(architecture)]));
  const known = new Map<string, readonly Listed[]>();
  return (network, stream) => {
    const own = entries.get(network.architecture) ?? new Set();
    const near =
      known.get(network.architecture) ??
      networks.filter((other) => isNear(own, entries.get(other.architecture) ?? new Set()));
    known.set(network.architecture, near);
    return near[stream.integer(near.length)] ?? network;
  };
}

/** Every operation of an architecture string, with its node and its state. */
function operationsIn(architecture: string): Set<string> {
  return new Set(
    architecture
      .split('+')
      .flatMap((node, index) => node.split('|').map((part) => `${index} ${part}`))
      .filter((part) => part.includes('~') && !part.includes(' none~')),
  );
}

function isNear(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const onlyA = [...a].filter((one) => !b.has(one)).length;
  const onlyB = [...b].filter((one) => !a.has(one)).length;
  return onlyA + onlyB === 1;
}

function byScore({ benchmark, stream, scores, method: { queries } }: Asked): Trajectory {
  const seen =
    queries === undefined
      ? benchmark.networks
      : Array.from({ length: queries }, () => draw(benchmark, stream));
  let best = Number.NEGATIVE_INFINITY;
  let chosen = '';
  return seen.map(({ architecture }, index) => {
    const score = scores.get(architecture) ?? Number.NEGATIVE_INFINITY;
    if (score > best) [best, chosen] = [score, architecture];
    return { cost: index + 1, architecture: chosen };
  });
}
