// What a search of recurrent cells starts from, samples, pulls back and draws at random, against the definitions.
import { describe, expect, it } from 'vitest';
import { initialAlphas } from '../../../src/estimators/initial-alphas.js';
import { METHOD_TABLE, METHODS, type MethodName, resolveOptions } from '../../../src/estimators/methods.js';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { RECURRENT_PRIMITIVES, RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { drawNoise, probabilities, referenceGroup } from './reference.js';
import { randomValues } from './values.js';

const K = RECURRENT_PRIMITIVES.length;
const SIZE = entryCount(RECURRENT_SPACE);
const ALPHAS = randomValues(1, SIZE, 0, 1.5);
const GRADIENT = randomValues(2, SIZE, 0, 1);

/** Softmax of each row. */
function softmaxRows(alphas: Float64Array): number[][] {
  return Array.from({ length: alphas.length / K }, (_, edge) =>
    probabilities([...alphas.subarray(edge * K, (edge + 1) * K)], 'softmax'),
  );
}

describe('initial alphas', () => {
  it.each([
    ['softmax', 0],
    ['relu', 1],
  ] as const)('of %s are %i and a thousandth of a normal deviate', (parameterisation, centre) => {
    const draws = 50;
    const stream = openStream(1, 'alphas');
    const values = Array.from({ length: draws }, () =>
      initialAlphas(RECURRENT_SPACE, parameterisation, stream),
    );
    expect(values[0]).toHaveLength(180);
    const deviates = values.flatMap((alphas) => [...alphas].map((a) => (a - centre) / 1e-3));
    const count = deviates.length;
    const mean = deviates.reduce((a, b) => a + b, 0) / count;
    const variance = deviates.reduce((sum, z) => sum + (z - mean) ** 2, 0) / count;
    // Standard errors 1 / sqrt(n) and sqrt(2 / n).
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(deviates.some((z) => Math.abs(z) > 2.5)).toBe(true);
  });
});

describe('every method', () => {
  const sampled = (
    name: MethodName,
    phase: 'architecture' | 'weights' | 'joint' = 'architecture',
    given = {},
  ) =>
    METHOD_TABLE[name]
      .create(RECURRENT_SPACE, phase, resolveOptions(name, given))
      .sample(ALPHAS, openStream(7, 'gumbel'), 2);
  const isNone = (entry: number): boolean => entry % K === 0;
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));
  const ofEdge = (values: Float64Array | Uint8Array, edge: number): number[] => [
    ...values.slice(K * edge, K * edge + K),
  ];
  const edges = Array.from({ length: 36 }, (_, edge) => edge);

  it.each(METHODS)('%s opens no `none`, and reads no gradient of it', (name) => {
    for (const phase of ['architecture', 'weights', 'joint'] as const) {
      const sample = sampled(name, phase);
      expect(sample.code).toHaveLength(SIZE);
      sample.code.forEach((entry, index) => {
        expect(sample.backwardGates[index]).toBe(entry !== 0 && !isNone(index) ? 1 : 0);
        expect(sample.forwardGates[index]).toBeLessThanOrEqual(isNone(index) ? 0 : 1);
      });
      const pulled = sample.pullback(GRADIENT);
      expect(sample.pullback(GRADIENT.map((g, index) => (isNone(index) ? Number.NaN : g)))).toEqual(pulled);
      expect(pulled.some((g) => g !== 0)).toBe(METHOD_TABLE[name].learns);
    }
  });

  it.each([
    ['egs', 4, 'node'],
    ['egs', 7, 'node'],
    ['egs', 4, 'edge'],
    ['gdas', 1, 'edge'],
  ] as const)('%s draws and pulls back as its definition says: M = %i a %s', (name, samples, scope) => {
    const options = name === 'gdas' ? {} : { samples, scope };
    const sample = sampled(name, 'architecture', options);
    const known = GRADIENT.map((g, entry) => (sample.forwardGates[entry] === 1 ? g : 0));
    const sizes =
      scope === 'edge' ? edges.map(() => K) : Array.from({ length: 8 }, (_, node) => K * (node + 1));
    const noise = drawNoise(7, sizes, samples);
    const pulled = sample.pullback(GRADIENT);
    let start = 0;
    sizes.forEach((size, group) => {
      const own = (values: Float64Array): number[] => [...values.subarray(start, start + size)];
      const reference = referenceGroup(own(ALPHAS), noise[group]!, {
        parameterisation: 'softmax',
        normalise: 'none',
        temperature: 2,
      });
      expect(own(sample.code)).toEqual(reference.code);
      expect(own(pulled)).toEqual(near(reference.gradient(own(known))));
      start += size;
    });
    expect(start).toBe(SIZE);
  });

  it('darts weighs each row by its softmax, and passes the slope of it', () => {
    for (const name of ['darts', 'darts-2nd'] as const) {
      const sample = sampled(name);
      const pulled = sample.pullback(GRADIENT);
      softmaxRows(ALPHAS).forEach((p, edge) => {
        const g = ofEdge(GRADIENT, edge).map((value, k) => (k === 0 ? 0 : value));
        const mean = p.reduce((sum, value, k) => sum + value * g[k]!, 0);
        expect(ofEdge(sample.code, edge)).toEqual(near(p));
        expect(ofEdge(pulled, edge)).toEqual(near(p.map((value, k) => value * (g[k]! - mean))));
      });
    }
  });

  it('snas weighs each row by a soft sample of it', () => {
    const { code } = sampled('snas');
    const noise = drawNoise(
      7,
      edges.map(() => K),
      1,
    );
    softmaxRows(ALPHAS).forEach((p, edge) => {
      const weights = p.map((value, k) => Math.exp((Math.log(value) + noise[edge]![0]![k]!) / 2));
      const total = weights.reduce((a, b) => a + b, 0);
      expect(ofEdge(code, edge)).toEqual(near(weights.map((weight) => weight / total)));
    });
  });

  it('proxyless runs two candidates of a row, of which one takes part, and moves only these', () => {
    const sample = sampled('proxyless');
    const pulled = sample.pullback(GRADIENT);
    for (const edge of edges) {
      const [code, open, moved] = [
        ofEdge(sample.code, edge),
        ofEdge(sample.forwardGates, edge),
        ofEdge(pulled, edge),
      ];
      expect(code.toSorted()).toEqual([0, 0, 0, 0, 1]);
      expect(open.filter((gate) => gate === 1).length).toBeLessThanOrEqual(2);
      expect(moved.filter((g) => g !== 0).length).toBeLessThanOrEqual(2);
      expect(moved.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 12);
    }
    expect(ofEdge(sampled('proxyless', 'weights').code, 3).toSorted()).toEqual([0, 0, 0, 0, 1]);
  });

  it('random draws one state and one operation a node, whatever the alphas', () => {
    const { code, forwardGates, pullback } = sampled('random');
    const genotype = sampleGenotype(RECURRENT_SPACE, openStream(7, 'gumbel'));
    expect(genotype.recurrent.nodes.map(({ length }) => length)).toEqual(new Array(8).fill(1));
    expect(code).toEqual(codeOfGenotype(genotype, RECURRENT_SPACE));
    expect([...forwardGates]).toEqual([...code]);
    expect(pullback(GRADIENT)).toEqual(new Float64Array(SIZE));
  });
});

describe('random genotypes', () => {
  it('reach every pair of a node equally often, nodes independently', () => {
    const stream = openStream(3, 'genotype');
    const draws = 4000;
    const counts = Array.from({ length: 8 }, () => new Map<string, number>());
    let same = 0;
    for (let draw = 0; draw < draws; draw++) {
      const { nodes } = sampleGenotype(RECURRENT_SPACE, stream).recurrent;
      nodes.forEach(([pair], node) => {
        const key = `${pair?.primitive} ${pair?.input}`;
        counts[node]!.set(key, (counts[node]!.get(key) ?? 0) + 1);
      });
      if (nodes[0]![0]!.primitive === nodes[1]![0]!.primitive) same += 1 / draws;
    }
    counts.forEach((drawn, node) => {
      const expected = 4 * (node + 1);
      expect(drawn.size).toBe(expected);
      let statistic = 0;
      for (const count of drawn.values()) statistic += (count - draws / expected) ** 2 / (draws / expected);
      expect(Math.abs(statistic - (expected - 1))).toBeLessThanOrEqual(4 * Math.sqrt(2 * (expected - 1)));
    });
    expect(Math.abs(same - 1 / 4)).toBeLessThan(4 * Math.sqrt(3 / 16 / draws));
  });

  it('have at most M pairs a node beside EGS, sorted, and are the same for the same stream', () => {
    for (const operationsPerNode of [4, 7]) {
      const options = { kind: 'codes', operationsPerNode } as const;
      const { recurrent } = sampleGenotype(RECURRENT_SPACE, openStream(5, 'genotype'), options);
      expect(sampleGenotype(RECURRENT_SPACE, openStream(5, 'genotype'), options).recurrent).toEqual(
        recurrent,
      );
      expect(Math.max(...recurrent.nodes.map(({ length }) => length))).toBe(operationsPerNode);
      for (const node of recurrent.nodes) {
        const order = node.map(({ primitive, input }) => K * input + RECURRENT_PRIMITIVES.indexOf(primitive));
        expect(order.toSorted((a, b) => a - b)).toEqual(order);
      }
    }
  });
});
