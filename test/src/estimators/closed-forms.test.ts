import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  codeCount,
  exactCodeProbability,
  inclusionProbability,
  prefixCodeProbabilities,
} from '../../../src/estimators/closed-forms.js';
import { ensembleGumbelSoftmax } from '../../../src/estimators/egs.js';
import type { Parameterisation } from '../../../src/estimators/estimator.js';
import { entryGroups } from '../../../src/estimators/groups.js';
import { probabilitiesOf } from '../../../src/estimators/probabilities.js';
import { openStream } from '../../../src/random.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';

const SPACE = oneCellSpace({
  nodes: 2,
  primitives: ['none', 'skip_connect', 'sep_conv_3x3', 'dil_conv_3x3'],
});

function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_, k) => (bits >> k) & 1));
}

/** sum_{T subset of S} (-1)^{|S|-|T|} (sum_{k in T} p_k)^M. */
function inclusionExclusion(chosen: readonly number[], samples: number): number {
  return subsets(chosen).reduce(
    (total, set) => total + (-1) ** (chosen.length - set.length) * set.reduce((a, b) => a + b, 0) ** samples,
    0,
  );
}

/** Every outcome of M draws from K categories. */
function outcomes(entries: number, samples: number): number[][] {
  let all: number[][] = [[]];
  for (let i = 0; i < samples; i++) {
    all = all.flatMap((drawn) => Array.from({ length: entries }, (_, k) => [...drawn, k]));
  }
  return all;
}

const distributions = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 })
  .map((weights) => {
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  });
const sampleCounts = fc.integer({ min: 1, max: 5 });

describe('closed forms', () => {
  it('agree with the enumeration of every outcome', () => {
    fc.assert(
      fc.property(distributions, sampleCounts, (p, samples) => {
        const included = p.map(() => 0);
        const exactly = new Map<string, number>();
        for (const drawn of outcomes(p.length, samples)) {
          const probability = drawn.reduce((product, k) => product * p[k]!, 1);
          const set = [...new Set(drawn)].sort();
          for (const k of set) included[k]! += probability;
          exactly.set(set.join(), (exactly.get(set.join()) ?? 0) + probability);
        }
        p.forEach((value, k) => {
          expect(inclusionProbability(value, samples)).toBeCloseTo(included[k]!, 12);
        });
        for (const set of subsets(p.map((_, k) => k))) {
          const probability = exactCodeProbability(
            set.map((k) => p[k]!),
            samples,
          );
          expect(probability).toBeCloseTo(exactly.get(set.join()) ?? 0, 12);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('P(code = S) equals inclusion-exclusion, and its beginnings those of the shorter sets', () => {
    fc.assert(
      fc.property(distributions, fc.integer({ min: 1, max: 9 }), (p, samples) => {
        expect(exactCodeProbability(p, samples)).toBeCloseTo(inclusionExclusion(p, samples), 11);
        expect(prefixCodeProbabilities(p, samples)).toEqual(
          p.map((_, i) => exactCodeProbability(p.slice(0, i + 1), samples)),
        );
      }),
    );
  });

  it('stay probabilities where the sums are long', () => {
    expect(exactCodeProbability(new Array<number>(40).fill(1 / 40), 1000)).toBeCloseTo(1, 8);
    expect(exactCodeProbability([0.5, 0.5], 3)).toBeCloseTo(0.75, 14);
    expect(exactCodeProbability([1], 7)).toBe(1);
    expect(exactCodeProbability([0.5, 0.5], 1)).toBe(0);
  });

  it('Prop. 1: the more probable entry is the more likely in the code, equally probable ones equally', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(p, p, fc.integer({ min: 1, max: 30 }), (a, b, samples) => {
        const [of, other] = [inclusionProbability(a, samples), inclusionProbability(b, samples)];
        // Both directions, where float64 can tell the two apart: near 1 many p share one nearest P.
        if (a <= b) expect(of).toBeLessThanOrEqual(other);
        if (of < other) expect(a).toBeLessThan(b);
        if (b - a > 1e-6 && b < 0.5) expect(of).toBeLessThan(other);
      }),
    );
  });

  it('Prop. 2, corrected: counts the codes that can be drawn', () => {
    for (let entries = 1; entries <= 5; entries++) {
      for (let samples = 1; samples <= 5; samples++) {
        const codes = new Set(outcomes(entries, samples).map((drawn) => [...new Set(drawn)].sort().join()));
        expect(codeCount(entries, samples)).toBe(codes.size);
      }
    }
    // As printed it would be C(K, M) (2^M - 1) = 9.
    expect(codeCount(3, 2)).toBe(6);
    expect(codeCount(8, 4)).toBe(162);
  });
});

describe('sampled codes have the frequencies of the closed forms', () => {
  const DRAWS = 20_000;
  // Four standard deviations of a frequency of 20,000 draws are at most 0.0142.
  const TOLERANCE = 0.0142;

  function alphasOf(parameterisation: Parameterisation): Float64Array {
    const stream = openStream(8, 'alphas');
    const centre = parameterisation === 'relu' ? 1 : 0;
    return Float64Array.from({ length: entryCount(SPACE) }, () => centre + 1.6 * (stream.uniform() - 0.5));
  }

  for (const parameterisation of ['softmax', 'relu'] as const) {
    for (const scope of ['edge', 'node'] as const) {
      it(`${parameterisation}, ${scope} scope`, () => {
        const samples = 3;
        const alphas = alphasOf(parameterisation);
        const p = probabilitiesOf(alphas, SPACE, { scope, parameterisation });
        const groups = entryGroups(SPACE, scope);
        const estimator = ensembleGumbelSoftmax(SPACE, { samples, scope, parameterisation });
        const stream = openStream(4, 'gumbel');
        const included = new Float64Array(alphas.length);
        const sets = groups.map(() => new Map<string, number>());
        for (let draw = 0; draw < DRAWS; draw++) {
          // The temperature must not matter to the hard code.
          const { code } = estimator.sample(alphas, stream, draw % 2 === 0 ? 1 : 5);
          groups.forEach(({ start, end }, at) => {
            const set: number[] = [];
            for (let entry = start; entry < end; entry++) if (code[entry] === 1) set.push(entry);
            for (const entry of set) included[entry]! += 1 / DRAWS;
            const key = set.join();
            sets[at]!.set(key, (sets[at]!.get(key) ?? 0) + 1 / DRAWS);
          });
        }
        p.forEach((value, entry) => {
          const expected = inclusionProbability(value, samples);
          expect(Math.abs(included[entry]! - expected), `entry ${entry}`).toBeLessThan(TOLERANCE);
        });
        for (const frequencies of sets) {
          let total = 0;
          for (const [key, frequency] of frequencies) {
            const chosen = key.split(',').map((entry) => p[Number(entry)]!);
            const expected = exactCodeProbability(chosen, samples);
            total += expected;
            expect(Math.abs(frequency - expected), `set ${key}`).toBeLessThan(TOLERANCE);
          }
          expect(total).toBeGreaterThan(0.97);
          expect(total).toBeLessThan(1 + 1e-12);
        }
      });
    }
  }
});
