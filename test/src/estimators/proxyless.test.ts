import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationMask } from '../../../src/estimators/groups.js';
import { METHOD_TABLE, resolveOptions } from '../../../src/estimators/methods.js';
import { probabilitiesOf } from '../../../src/estimators/probabilities.js';
import { twoPaths } from '../../../src/estimators/proxyless.js';
import { adamStep, initialAdamState } from '../../../src/optimizers/adam.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { probabilities } from './reference.js';
import { randomValues, slopes } from './values.js';

const SMALL = oneCellSpace({
  nodes: 2,
  primitives: ['none', 'skip_connect', 'sep_conv_3x3', 'dil_conv_3x3'],
});
const EDGES = 5;
const K = 4;
const SIZE = entryCount(SMALL);
const OPERATIONS = operationMask(SMALL);
const edges = Array.from({ length: EDGES }, (_, edge) => edge);
const shares = (alphas: Float64Array, edge: number): number[] =>
  probabilities([...alphas.subarray(K * edge, K * edge + K)], 'softmax');

/** The pairs of each edge, from the noise drawn again: the noisiest two, and which of them is active. */
function referencePairs(alphas: Float64Array, seed: number) {
  const stream = openStream(seed, 'gumbel');
  return edges.map((edge) => {
    const p = shares(alphas, edge);
    // -log(E) of an exponential E is a Gumbel: the two smallest of E / p are the pair.
    const times = p.map((value) => Math.exp(-stream.gumbel()) / value);
    const [first, second] = [...times.keys()].sort((a, b) => times[a]! - times[b]!);
    const share = p[first!]! / (p[first!]! + p[second!]!);
    return stream.uniform() < share ? [first!, second!] : [second!, first!];
  });
}

describe('twoPaths', () => {
  it('samples and pulls back as worked out edge by edge', () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const alphas = randomValues(seed, SIZE, 0, 1.5);
        const gradient = randomValues(seed + 1, SIZE, 0, 2);
        const sample = twoPaths(SMALL).sample(alphas, openStream(seed, 'gumbel'), 1);
        const code = new Float64Array(SIZE);
        const forward = new Uint8Array(SIZE);
        const pulled = new Float64Array(SIZE);
        referencePairs(alphas, seed).forEach((pair, edge) => {
          const p = shares(alphas, edge);
          const total = pair.reduce((sum, k) => sum + p[k]!, 0);
          code[K * edge + pair[0]!] = 1;
          for (const k of pair) forward[K * edge + k] = OPERATIONS[k]!;
          // Eq. 4 over the pair: sum_j g_j q_j (delta_ij - q_i), with g = 0 for `none`.
          for (const i of pair) {
            pulled[K * edge + i] = pair.reduce((sum, j) => {
              const g = gradient[K * edge + j]! * OPERATIONS[j]!;
              return sum + (g * p[j]! * ((i === j ? 1 : 0) - p[i]! / total)) / total;
            }, 0);
          }
        });
        expect(sample.code).toEqual(code);
        expect(sample.forwardGates).toEqual(forward);
        expect([...sample.backwardGates]).toEqual([...code].map((c, entry) => c * OPERATIONS[entry % K]!));
        expect([...sample.pullback(gradient)]).toEqual([...pulled].map((g) => expect.closeTo(g, 12)));
      }),
      { numRuns: 60 },
    );
  });

  it('passes the slope of the two rescaled probabilities, by central differences with the pair frozen', () => {
    const alphas = randomValues(3, SIZE, 0, 1);
    const gradient = randomValues(4, SIZE, 0, 2);
    const pairs = referencePairs(alphas, 8);
    const relaxed = (values: Float64Array): number =>
      pairs.reduce((total, pair, edge) => {
        const p = shares(values, edge);
        const mass = pair.reduce((sum, k) => sum + p[k]!, 0);
        return (
          total + pair.reduce((sum, k) => sum + (OPERATIONS[k]! * gradient[K * edge + k]! * p[k]!) / mass, 0)
        );
      }, 0);
    const pulled = twoPaths(SMALL).sample(alphas, openStream(8, 'gumbel'), 1).pullback(gradient);
    expect([...pulled]).toEqual([...slopes(relaxed, alphas)].map((slope) => expect.closeTo(slope, 8)));
  });

  it('draws pairs without replacement, and the active path of a pair by its share', () => {
    const alphas = randomValues(11, SIZE, 0, 1.5);
    const stream = openStream(5, 'gumbel');
    const estimator = twoPaths(SMALL);
    const draws = 10_000;
    const operationsOnly = OPERATIONS.length - EDGES;
    const active = new Float64Array(SIZE);
    const inPair = new Float64Array(SIZE);
    for (let draw = 0; draw < draws; draw++) {
      const { code, forwardGates } = estimator.sample(alphas, stream, 1);
      for (let entry = 0; entry < SIZE; entry++) {
        active[entry]! += code[entry]! / draws;
        inPair[entry]! += forwardGates[entry]! / draws;
      }
    }
    let seen = 0;
    for (const edge of edges) {
      const p = shares(alphas, edge);
      const pairOf = (i: number, j: number): number => p[i]! * p[j]! * (1 / (1 - p[i]!) + 1 / (1 - p[j]!));
      p.forEach((_, i) => {
        const others = [...p.keys()].filter((j) => j !== i);
        const chance = others.reduce((sum, j) => sum + pairOf(i, j), 0);
        const chosen = others.reduce((sum, j) => sum + (pairOf(i, j) * p[i]!) / (p[i]! + p[j]!), 0);
        const near = (measured: number, expected: number) =>
          Math.abs(measured - expected) < 4 * Math.sqrt((expected * (1 - expected)) / draws);
        expect(near(active[K * edge + i]!, chosen), `active ${edge} ${i}`).toBe(true);
        if (OPERATIONS[i] === 0) return;
        expect(near(inPair[K * edge + i]!, chance), `pair ${edge} ${i}`).toBe(true);
        seen += 1;
      });
    }
    expect(seen).toBe(operationsOnly);
  });

  it('leaves the other paths as probable as they were after a step of its Adam', () => {
    const alphas = randomValues(6, SIZE, 0, 1);
    const sample = twoPaths(SMALL).sample(alphas, openStream(9, 'gumbel'), 1);
    const { learningRate, beta1, beta2, weightDecay } = METHOD_TABLE.proxyless.settings.alphas;
    const { parameters } = adamStep(
      { learningRate: 100 * learningRate, betas: [beta1, beta2], weightDecay },
      alphas,
      sample.pullback(randomValues(7, SIZE, 0, 1)),
      initialAdamState(SIZE),
    );
    const after = sample.afterStep!(alphas, parameters);
    const read = { scope: 'edge', parameterisation: 'softmax' } as const;
    const [before, now, uncorrected] = [alphas, after, parameters].map((values) =>
      probabilitiesOf(values, SMALL, read),
    );
    referencePairs(alphas, 9).forEach(([a, b], edge) => {
      const at = (values: Float64Array, k: number): number => values[K * edge + k]!;
      for (let k = 0; k < K; k++) {
        if (k !== a && k !== b) expect(at(now!, k)).toBeCloseTo(at(before!, k), 14);
      }
      // The two share their mass as the optimizer would have it.
      expect(at(now!, a!) / at(now!, b!)).toBeCloseTo(at(uncorrected!, a!) / at(uncorrected!, b!), 12);
      expect(Math.abs(at(now!, a!) - at(before!, a!))).toBeGreaterThan(1e-3);
    });
  });

  it('runs one path an edge in the weight step, drawn from p itself', () => {
    const options = resolveOptions('proxyless');
    const weights = METHOD_TABLE.proxyless.create(DARTS_SPACE, 'weights', options);
    const alphas = randomValues(1, entryCount(DARTS_SPACE), 0, 1);
    const { code, forwardGates } = weights.sample(alphas, openStream(2, 'gumbel'), 1);
    expect(code.filter((c) => c === 1)).toHaveLength(28);
    expect(forwardGates.filter((open) => open === 1).length).toBeLessThanOrEqual(28);
    const both = METHOD_TABLE.proxyless.create(DARTS_SPACE, 'architecture', options);
    const { forwardGates: open } = both.sample(alphas, openStream(2, 'gumbel'), 1);
    expect(open.filter((o) => o === 1).length).toBeGreaterThan(28);
  });

  it('corrects alphas that lie far apart', () => {
    const alphas = Float64Array.of(1000, -1000);
    const space = oneCellSpace({ nodes: 1, primitives: ['skip_connect', 'sep_conv_3x3'] });
    const both = Float64Array.of(...alphas, ...alphas);
    const sample = twoPaths(space).sample(both, openStream(1, 'gumbel'), 1);
    const after = sample.afterStep!(both, both.with(0, 1001));
    expect([...after]).toEqual([1000, -1001, 1000, -1000].map((a) => expect.closeTo(a, 9)));
  });

  it('refuses a space of one primitive', () => {
    expect(() => twoPaths(oneCellSpace({ nodes: 1, primitives: ['skip_connect'] }))).toThrow(
      /no two paths to sample.*at least two primitives.*skip_connect.*Add primitives/s,
    );
  });
});
