import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdamOptions, adamStep, initialAdamState } from '../../../src/optimizers/adam.js';
import { openStream } from '../../../src/random.js';

/** The bias-corrected average of `values`, the newest last, that decays by `beta`: sum_s beta^(t-s) v_s, weights to sum 1. */
function average(values: readonly number[], beta: number): number {
  const weights = values.map((_, s) => beta ** (values.length - 1 - s));
  const total = weights.reduce((a, b) => a + b, 0);
  return values.reduce((sum, value, s) => sum + (weights[s]! / total) * value, 0);
}

describe('adamStep', () => {
  it('moves by lr / (1 + eps / |g|) against the sign of the first gradient', () => {
    const { parameters } = adamStep(
      { learningRate: 0.1, betas: [0.9, 0.999], epsilon: 0.5 },
      Float64Array.of(1, 1),
      Float64Array.of(2, -0.5),
      initialAdamState(2),
    );
    expect(parameters[0]).toBeCloseTo(1 - 0.1 / (1 + 0.5 / 2), 12);
    expect(parameters[1]).toBeCloseTo(1 + 0.1 / (1 + 0.5 / 0.5), 12);
  });

  it('is the ratio of the corrected averages of all gradients so far, weight decay in the gradient', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(0, 1e-3, 0.5),
        (gradients, weightDecay) => {
          const options: AdamOptions = { learningRate: 0.05, betas: [0.5, 0.999], weightDecay };
          let parameters: Float64Array = Float64Array.of(0.7);
          let state = initialAdamState(1);
          let x = 0.7;
          const seen: number[] = [];
          for (const gradient of gradients) {
            ({ parameters, state } = adamStep(options, parameters, Float64Array.of(gradient), state));
            seen.push(gradient + weightDecay * x);
            const squares = seen.map((g) => g * g);
            x -= (0.05 * average(seen, 0.5)) / (Math.sqrt(average(squares, 0.999)) + 1e-8);
            expect(parameters[0]).toBeCloseTo(x, 10);
          }
        },
      ),
    );
  });

  it('continues from a state that was written out and read again, and changes no argument', () => {
    const options: AdamOptions = { learningRate: 3e-4, betas: [0.5, 0.999], weightDecay: 1e-3 };
    const stream = openStream(1, 'gradient');
    const gradient = (): Float64Array => Float64Array.from({ length: 5 }, () => stream.normal());
    const start = gradient();
    const frozen = start.slice();
    const one = adamStep(options, start, gradient(), initialAdamState(5));
    expect(start).toEqual(frozen);
    const next = gradient();
    const read = {
      step: one.state.step,
      firstMoment: Float64Array.from(JSON.parse(JSON.stringify([...one.state.firstMoment]))),
      secondMoment: Float64Array.from(JSON.parse(JSON.stringify([...one.state.secondMoment]))),
    };
    expect(adamStep(options, one.parameters, next, read)).toEqual(
      adamStep(options, one.parameters, next, one.state),
    );
  });

  it('refuses a gradient or a state of another size', () => {
    const options: AdamOptions = { learningRate: 1, betas: [0.9, 0.999] };
    const two = new Float64Array(2);
    expect(() => adamStep(options, two, new Float64Array(3), initialAdamState(2))).toThrow(
      /gradient does not fit/,
    );
    expect(() => adamStep(options, two, two, initialAdamState(1))).toThrow(/first moment does not fit/);
  });
});
