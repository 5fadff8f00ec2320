import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampledGumbelSoftmax } from '../../../src/estimators/gdas.js';
import { entryGroups, operationMask } from '../../../src/estimators/groups.js';
import { softGumbelSoftmax } from '../../../src/estimators/snas.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { drawNoise, probabilities, soft } from './reference.js';
import { randomValues, slopes } from './values.js';

const SMALL = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });

describe('softGumbelSoftmax', () => {
  it('gives the softmax of noisy log-probabilities as code, and its exact gradient', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('softmax', 'relu'),
        fc.nat(10_000),
        fc.double({ min: 0.3, max: 5, noNaN: true }),
        (parameterisation, seed, temperature) => {
          const size = entryCount(SMALL);
          const alphas = randomValues(seed, size, parameterisation === 'relu' ? 1.4 : 0, 1);
          // A loss that is not linear in the code, to which `none` contributes nothing.
          const weights = randomValues(seed + 1, size, 0, 2).map((w, i) => w * operationMask(SMALL)[i]!);
          const noise = drawNoise(seed, [3, 3, 3, 3, 3], 1);
          const codeOf = (values: Float64Array): number[] =>
            noise.flatMap(([row], edge) =>
              soft(
                probabilities([...values.subarray(3 * edge, 3 * edge + 3)], parameterisation),
                row!,
                temperature,
              ),
            );
          const loss = (values: Float64Array): number =>
            codeOf(values).reduce((total, c, i) => total + Math.sin(weights[i]! * c), 0);

          const sample = softGumbelSoftmax(SMALL, { parameterisation }).sample(
            alphas,
            openStream(seed, 'gumbel'),
            temperature,
          );
          expect([...sample.code]).toEqual(codeOf(alphas).map((c) => expect.closeTo(c, 12)));
          const pulled = sample.pullback(sample.code.map((c, i) => weights[i]! * Math.cos(weights[i]! * c)));
          expect([...pulled]).toEqual([...slopes(loss, alphas)].map((slope) => expect.closeTo(slope, 6)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('runs and trains every operation, and never `none`', () => {
    const alphas = randomValues(1, entryCount(DARTS_SPACE), 0, 1);
    const sample = softGumbelSoftmax(DARTS_SPACE).sample(alphas, openStream(1, 'gumbel'), 1);
    expect(sample.forwardGates).toEqual(operationMask(DARTS_SPACE));
    expect(sample.backwardGates).toEqual(operationMask(DARTS_SPACE));
    for (const { start, end } of entryGroups(DARTS_SPACE, 'edge')) {
      expect(sample.code.subarray(start, end).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
  });

  it('closes an entry of weight 0, and gives it no gradient', () => {
    const alphas = Float64Array.from({ length: 15 }, (_, entry) => (entry % 3 === 1 ? -1 : 1));
    const sample = softGumbelSoftmax(SMALL, { parameterisation: 'relu' }).sample(
      alphas,
      openStream(2, 'gumbel'),
      1,
    );
    const pulled = sample.pullback(randomValues(2, 15, 0, 1));
    for (let entry = 1; entry < 15; entry += 3) {
      expect(sample.code[entry]).toBe(0);
      expect(sample.forwardGates[entry]).toBe(0);
      expect(pulled[entry]).toBe(0);
    }
    expect(sample.forwardGates[2]).toBe(1);
  });

  it('goes to the hard sample of the same noise as the temperature goes to 0, and to uniform as it grows', () => {
    const alphas = randomValues(3, entryCount(DARTS_SPACE), 0, 1);
    const soften = (temperature: number) =>
      softGumbelSoftmax(DARTS_SPACE).sample(alphas, openStream(3, 'gumbel'), temperature).code;
    const hard = sampledGumbelSoftmax(DARTS_SPACE).sample(alphas, openStream(3, 'gumbel'), 1).code;
    soften(1e-4).forEach((c, entry) => {
      expect(c).toBeCloseTo(hard[entry]!, 6);
    });
    for (const c of soften(1e6)) expect(c).toBeCloseTo(1 / 8, 4);
  });

  it('has the mean of a soft sample drawn independently', () => {
    // Two candidates: y = sigmoid((log p_0 - log p_1 + logistic noise) / tau), by a quadrature over the noise.
    const space = oneCellSpace({ nodes: 1, primitives: ['skip_connect', 'sep_conv_3x3'] });
    const alphas = Float64Array.of(0.7, -0.4, 0.1, 0.3);
    const temperature = 0.8;
    const points = 100_000;
    let [mean, square] = [0, 0];
    for (let i = 0; i < points; i++) {
      const u = (i + 0.5) / points;
      const y = 1 / (1 + Math.exp(-(1.1 + Math.log(u / (1 - u))) / temperature));
      mean += y / points;
      square += y ** 2 / points;
    }
    const stream = openStream(6, 'gumbel');
    const estimator = softGumbelSoftmax(space);
    const draws = 20_000;
    let measured = 0;
    for (let i = 0; i < draws; i++)
      measured += estimator.sample(alphas, stream, temperature).code[0]! / draws;
    expect(Math.abs(measured - mean)).toBeLessThan(4 * Math.sqrt((square - mean ** 2) / draws));
  });
});
