import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { softmaxRelaxation } from '../../../src/estimators/darts.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { probabilities } from './reference.js';
import { randomValues, slopes } from './values.js';

const SMALL = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });

describe('softmaxRelaxation', () => {
  it('gives the probabilities as code, and their exact gradient', () => {
    fc.assert(
      fc.property(fc.constantFrom('softmax', 'relu'), fc.nat(10_000), (parameterisation, seed) => {
        const size = entryCount(SMALL);
        const alphas = randomValues(seed, size, parameterisation === 'relu' ? 1.4 : 0, 1);
        const weights = randomValues(seed + 1, size, 0, 2).map((w, i) => w * operationMask(SMALL)[i]!);
        const codeOf = (values: Float64Array): number[] =>
          [0, 1, 2, 3, 4].flatMap((edge) =>
            probabilities([...values.subarray(3 * edge, 3 * edge + 3)], parameterisation),
          );
        const loss = (values: Float64Array): number =>
          codeOf(values).reduce((total, c, i) => total + Math.sin(weights[i]! * c), 0);

        const sample = softmaxRelaxation(SMALL, { parameterisation }).sample(
          alphas,
          openStream(1, 'gumbel'),
          1,
        );
        expect([...sample.code]).toEqual(codeOf(alphas).map((c) => expect.closeTo(c, 14)));
        const pulled = sample.pullback(sample.code.map((c, i) => weights[i]! * Math.cos(weights[i]! * c)));
        expect([...pulled]).toEqual([...slopes(loss, alphas)].map((slope) => expect.closeTo(slope, 8)));
      }),
      { numRuns: 40 },
    );
  });

  it('draws nothing, and reads no temperature', () => {
    const alphas = randomValues(1, entryCount(DARTS_SPACE), 0, 1);
    const stream = openStream(1, 'gumbel');
    const estimator = softmaxRelaxation(DARTS_SPACE);
    const [first, second] = [estimator.sample(alphas, stream, 5), estimator.sample(alphas, stream, 0.1)];
    expect(stream.state().count).toBe(0);
    expect(second.code).toEqual(first.code);
    const gradient = randomValues(2, alphas.length, 0, 1);
    expect(second.pullback(gradient)).toEqual(first.pullback(gradient));
  });

  it('runs and trains every operation, and never `none`', () => {
    const sample = softmaxRelaxation(DARTS_SPACE).sample(new Float64Array(224), openStream(1, 'gumbel'), 1);
    expect(sample.forwardGates).toEqual(operationMask(DARTS_SPACE));
    expect(sample.backwardGates).toEqual(operationMask(DARTS_SPACE));
    for (const c of sample.code) expect(c).toBeCloseTo(1 / 8, 14);
  });

  it('closes an entry of probability 0', () => {
    const alphas = Float64Array.from({ length: 15 }, (_, entry) => (entry % 3 === 1 ? 0 : 1));
    const { code, forwardGates } = softmaxRelaxation(SMALL, { parameterisation: 'relu' }).sample(
      alphas,
      openStream(1, 'gumbel'),
      1,
    );
    expect([...code.subarray(0, 3)]).toEqual([0.5, 0, 0.5]);
    expect([...forwardGates.subarray(0, 3)]).toEqual([0, 0, 1]);
  });
});
