import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EgsOptions, ensembleGumbelSoftmax } from '../../../src/estimators/egs.js';
import { entryGroups, operationMask } from '../../../src/estimators/groups.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount, type SearchSpace } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { drawNoise, probabilities, referenceGroup, soft } from './reference.js';
import { randomValues } from './values.js';

const SMALL = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });

const optionSets = fc.record({
  samples: fc.integer({ min: 1, max: 7 }),
  scope: fc.constantFrom('edge', 'node'),
  parameterisation: fc.constantFrom('softmax', 'relu'),
  route: fc.constantFrom('all', 'active'),
  normalise: fc.constantFrom('none', 'sum'),
});

/** Alphas of which all are possible, and a code gradient. */
function problem(space: SearchSpace, { parameterisation }: EgsOptions, seed: number) {
  const size = entryCount(space);
  return {
    alphas: randomValues(seed, size, parameterisation === 'relu' ? 1.2 : 0, 1),
    gradient: randomValues(seed + 1, size, 0, 2),
  };
}

describe('ensembleGumbelSoftmax', () => {
  it('gives the code and the pullback of a calculation by explicit Jacobians', () => {
    fc.assert(
      fc.property(
        optionSets,
        fc.nat(10_000),
        fc.double({ min: 0.5, max: 5, noNaN: true }),
        fc.constantFrom(SMALL, DARTS_SPACE),
        (options, seed, temperature, space) => {
          const { alphas, gradient } = problem(space, options, seed);
          const groups = entryGroups(space, options.scope);
          const noise = drawNoise(
            seed,
            groups.map(({ start, end }) => end - start),
            options.samples,
          );
          const estimator = ensembleGumbelSoftmax(space, options);
          const sample = estimator.sample(alphas, openStream(seed, 'gumbel'), temperature);
          const pulled = sample.pullback(gradient);
          groups.forEach(({ start, end }, at) => {
            const expected = referenceGroup([...alphas.subarray(start, end)], noise[at]!, {
              ...options,
              temperature,
            });
            expect([...sample.code.subarray(start, end)]).toEqual(
              expected.code.map((c) => expect.closeTo(c, 14)),
            );
            const known = [...gradient.subarray(start, end)].map((g, k) =>
              operationMask(space)[start + k] === 0 || (options.route === 'active' && expected.code[k] === 0)
                ? 0
                : g,
            );
            expect([...pulled.subarray(start, end)]).toEqual(
              expected.gradient(known).map((g) => expect.closeTo(g, 10)),
            );
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('passes the gradient of the soft samples, by central differences with frozen noise', () => {
    // With receivers r(k) fixed, the straight-through gradient is that of sum_k g_k y(r(k))_k, which is smooth in alpha;
    // for M = 1 that is <g, y>, the soft Gumbel-Softmax sample itself.
    fc.assert(
      fc.property(
        fc.constantFrom('edge', 'node'),
        fc.constantFrom('softmax', 'relu'),
        fc.constantFrom(1, 1, 2, 4),
        fc.nat(10_000),
        (scope, parameterisation, samples, seed) => {
          const options = { scope, parameterisation, samples } as const;
          const temperature = 1.5;
          const { alphas, gradient } = problem(SMALL, options, seed);
          const operations = operationMask(SMALL);
          const g = gradient.map((value, entry) => value * operations[entry]!);
          const groups = entryGroups(SMALL, scope);
          const noise = drawNoise(
            seed,
            groups.map(({ start, end }) => end - start),
            samples,
          );
          const receivers = groups.map(
            ({ start, end }, at) =>
              referenceGroup([...alphas.subarray(start, end)], noise[at]!, {
                parameterisation,
                normalise: 'none',
                temperature,
              }).receivers,
          );
          const relaxed = (values: Float64Array): number => {
            let total = 0;
            groups.forEach(({ start, end }, at) => {
              const p = probabilities([...values.subarray(start, end)], parameterisation);
              const softs = noise[at]!.map((row) => soft(p, row, temperature));
              receivers[at]!.forEach((sample, k) => {
                total += g[start + k]! * softs[sample]![k]!;
              });
            });
            return total;
          };
          const pulled = ensembleGumbelSoftmax(SMALL, options)
            .sample(alphas, openStream(seed, 'gumbel'), temperature)
            .pullback(gradient);
          const step = 1e-5;
          alphas.forEach((value, entry) => {
            const slope =
              (relaxed(alphas.with(entry, value + step)) - relaxed(alphas.with(entry, value - step))) /
              (2 * step);
            expect(pulled[entry]).toBeCloseTo(slope, 7);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('agrees with a pullback worked out on paper', () => {
    // One node, two edges, one operation each: K = 2 in node scope, p = (1/2, 1/2), M = 1, tau = 1. With s = sigmoid of
    // the difference of the Gumbels, y = (s, 1 - s), and dL/dalpha = s (1 - s) (g_0 - g_1) (1, -1).
    const space = oneCellSpace({ nodes: 1, primitives: ['skip_connect'] });
    const [row] = drawNoise(5, [2], 1)[0]!;
    const s = 1 / (1 + Math.exp(row![1]! - row![0]!));
    const sample = ensembleGumbelSoftmax(space, { samples: 1 }).sample(
      new Float64Array(2),
      openStream(5, 'gumbel'),
      1,
    );
    const [first, second] = sample.pullback(Float64Array.of(3, -1));
    expect(first).toBeCloseTo(4 * s * (1 - s), 14);
    expect(second).toBeCloseTo(-4 * s * (1 - s), 14);
  });

  it('opens all operations forward on route `all`, only those of the code on route `active`, and never `none`', () => {
    const operations = operationMask(DARTS_SPACE);
    for (const route of ['all', 'active'] as const) {
      const { alphas } = problem(DARTS_SPACE, { samples: 4 }, 3);
      const estimator = ensembleGumbelSoftmax(DARTS_SPACE, { samples: 4, route });
      const { code, forwardGates, backwardGates } = estimator.sample(alphas, openStream(3, 'gumbel'), 1);
      const inCode = Uint8Array.from(code, (c, entry) => (c !== 0 ? operations[entry]! : 0));
      expect(backwardGates).toEqual(inCode);
      expect(forwardGates).toEqual(route === 'all' ? operations : inCode);
      expect(operations.filter((o) => o === 0)).toHaveLength(28);
    }
  });

  it('never reads the code gradient of an entry that did not run', () => {
    fc.assert(
      fc.property(optionSets, fc.nat(1000), (options, seed) => {
        const { alphas, gradient } = problem(DARTS_SPACE, options, seed);
        const sample = ensembleGumbelSoftmax(DARTS_SPACE, options).sample(
          alphas,
          openStream(seed, 'gumbel'),
          1,
        );
        const unknown = gradient.map((g, entry) => (sample.forwardGates[entry] === 1 ? g : Number.NaN));
        expect(sample.pullback(unknown)).toEqual(sample.pullback(gradient));
      }),
      { numRuns: 30 },
    );
  });

  it('with `sum` gives each group a code that sums to 1, and else at most M ones', () => {
    fc.assert(
      fc.property(optionSets, fc.nat(1000), (options, seed) => {
        const { alphas } = problem(DARTS_SPACE, options, seed);
        const { code } = ensembleGumbelSoftmax(DARTS_SPACE, options).sample(
          alphas,
          openStream(seed, 'gumbel'),
          1,
        );
        for (const { start, end } of entryGroups(DARTS_SPACE, options.scope)) {
          const group = code.subarray(start, end);
          const total = group.reduce((a, b) => a + b, 0);
          expect(group.filter((c) => c !== 0).length).toBeLessThanOrEqual(options.samples);
          if (options.normalise === 'sum') expect(total).toBeCloseTo(1, 12);
          else expect(group.every((c) => c === 0 || c === 1)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('never samples a relu entry of probability zero, and gives it no gradient', () => {
    const size = entryCount(SMALL);
    const alphas = randomValues(1, size, 1, 0.5).map((a, entry) => (entry % 3 === 1 ? -a : a));
    const estimator = ensembleGumbelSoftmax(SMALL, {
      samples: 5,
      parameterisation: 'relu',
      normalise: 'sum',
    });
    const stream = openStream(9, 'gumbel');
    for (let draw = 0; draw < 50; draw++) {
      const sample = estimator.sample(alphas, stream, 2);
      const pulled = sample.pullback(randomValues(draw, size, 0, 1));
      for (let entry = 1; entry < size; entry += 3) {
        expect(sample.code[entry]).toBe(0);
        expect(pulled[entry]).toBe(0);
      }
      expect(pulled.every(Number.isFinite)).toBe(true);
    }
  });

  it('draws uniformly, without gradient, where every relu entry of a group is zero', () => {
    const size = entryCount(SMALL);
    const estimator = ensembleGumbelSoftmax(SMALL, { samples: 1, parameterisation: 'relu' });
    const stream = openStream(2, 'gumbel');
    const counts = new Float64Array(6);
    for (let draw = 0; draw < 3000; draw++) {
      const sample = estimator.sample(new Float64Array(size).fill(-1), stream, 1);
      for (let entry = 0; entry < 6; entry++) counts[entry]! += sample.code[entry]!;
      if (draw === 0) {
        expect(sample.pullback(new Float64Array(size).fill(1))).toEqual(new Float64Array(size));
      }
    }
    for (const count of counts) expect(Math.abs(count / 3000 - 1 / 6)).toBeLessThan(0.03);
  });

  it('moves the stream by the same count whatever the alphas', () => {
    const position = (alphas: Float64Array): number => {
      const stream = openStream(1, 'gumbel');
      ensembleGumbelSoftmax(SMALL, { samples: 3, parameterisation: 'relu' }).sample(alphas, stream, 1);
      return stream.state().count;
    };
    expect(position(new Float64Array(15).fill(-1))).toBe(position(new Float64Array(15).fill(1)));
  });

  it('refuses an M, a temperature, alphas and gradients that make no sense, and says why', () => {
    expect(() => ensembleGumbelSoftmax(SMALL, { samples: 0 })).toThrow(/number of samples M is out of range/);
    const estimator = ensembleGumbelSoftmax(SMALL, { samples: 1 });
    const stream = openStream(1, 'gumbel');
    const alphas = new Float64Array(15);
    expect(() => estimator.sample(alphas, stream, 0)).toThrow(/temperature is out of range/);
    expect(() => estimator.sample(new Float64Array(14), stream, 1)).toThrow(/alphas do not fit/);
    expect(() => estimator.sample(alphas.with(3, Number.NaN), stream, 1)).toThrow(/not a finite number/);
    const sample = estimator.sample(alphas, stream, 1);
    expect(() => sample.pullback(new Float64Array(2))).toThrow(/code gradients do not fit/);
  });
});
