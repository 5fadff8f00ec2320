import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf } from '../../../src/estimators/parameterisation.js';

const values = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 9 });

describe('distributionOf', () => {
  it('gives log-probabilities that sum to 1', () => {
    fc.assert(
      fc.property(values, fc.constantFrom('softmax', 'relu'), (alphas, parameterisation) => {
        const { logProbabilities } = distributionOf(Float64Array.from(alphas), parameterisation);
        expect(logProbabilities.reduce((total, logP) => total + Math.exp(logP), 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('pulls back the gradient of central differences, for both parameterisations', () => {
    const positive = fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(positive, fc.constantFrom('softmax', 'relu'), (alphas, parameterisation) => {
        const weights = alphas.map((a, k) => Math.sin(10 * a + k));
        const value = (at: Float64Array): number =>
          distributionOf(at, parameterisation).logProbabilities.reduce(
            (total, logP, k) => total + weights[k]! * logP,
            0,
          );
        const at = Float64Array.from(alphas);
        const pulled = distributionOf(at, parameterisation).pullback(Float64Array.from(weights));
        at.forEach((a, k) => {
          const slope = (value(at.with(k, a + 1e-6)) - value(at.with(k, a - 1e-6))) / 2e-6;
          expect(pulled[k]).toBeCloseTo(slope, 6);
        });
      }),
    );
  });

  it('keeps softmax finite for alphas far apart', () => {
    const { logProbabilities } = distributionOf(Float64Array.of(1000, -1000), 'softmax');
    expect([...logProbabilities]).toEqual([0, -2000]);
  });

  it('gives relu entries at or below zero no probability, and no gradient', () => {
    const { logProbabilities, pullback } = distributionOf(Float64Array.of(3, -1, 0, 1), 'relu');
    expect([...logProbabilities.map(Math.exp)]).toEqual([0.75, 0, 0, 0.25].map((p) => expect.closeTo(p, 14)));
    const [, second, third] = pullback(Float64Array.of(1, 1, 1, 1));
    expect([second, third]).toEqual([0, 0]);
  });
});
