import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampledGumbelSoftmax } from '../../../src/estimators/gdas.js';
import { entryGroups, operationMask } from '../../../src/estimators/groups.js';
import { probabilitiesOf } from '../../../src/estimators/probabilities.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { drawNoise, probabilities, soft } from './reference.js';
import { randomValues } from './values.js';

const SMALL = oneCellSpace({ nodes: 2, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });

describe('sampledGumbelSoftmax', () => {
  it('samples and pulls back as worked out edge by edge', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(SMALL, DARTS_SPACE),
        fc.constantFrom('softmax', 'relu'),
        fc.nat(10_000),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (space, parameterisation, seed, temperature) => {
          const size = entryCount(space);
          const alphas = randomValues(seed, size, parameterisation === 'relu' ? 1.2 : 0, 1);
          const gradient = randomValues(seed + 1, size, 0, 2);
          const groups = entryGroups(space, 'edge');
          const noise = drawNoise(
            seed,
            groups.map(({ start, end }) => end - start),
            1,
          );
          const sample = sampledGumbelSoftmax(space, { parameterisation }).sample(
            alphas,
            openStream(seed, 'gumbel'),
            temperature,
          );
          const pulled = sample.pullback(gradient);
          groups.forEach(({ start, end }, edge) => {
            const values = [...alphas.subarray(start, end)];
            const y = soft(probabilities(values, parameterisation), noise[edge]![0]!, temperature);
            const chosen = y.indexOf(Math.max(...y));
            const isNone = operationMask(space)[start + chosen] === 0;
            y.forEach((share, k) => {
              const entry = start + k;
              const runs = k === chosen && !isNone ? 1 : 0;
              expect(sample.code[entry]).toBe(k === chosen ? 1 : 0);
              expect(sample.forwardGates[entry]).toBe(runs);
              expect(sample.backwardGates[entry]).toBe(runs);
              // Only the chosen operation's derivative is known; `none` has derivative 0. The entries of dL/dlog p sum to
              // 0, so that softmax passes them on and relu divides them by alpha.
              const known = isNone ? 0 : gradient[start + chosen]!;
              const logGradient = (share * ((k === chosen ? 1 : 0) - y[chosen]!) * known) / temperature;
              expect(pulled[entry]).toBeCloseTo(
                parameterisation === 'softmax' ? logGradient : logGradient / values[k]!,
                10,
              );
            });
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('passes the slope of the soft sample of the chosen entry, by central differences with frozen noise', () => {
    const size = entryCount(SMALL);
    const alphas = randomValues(3, size, 0, 1);
    const gradient = randomValues(4, size, 0, 2);
    const temperature = 1.5;
    const noise = drawNoise(7, [3, 3, 3, 3, 3], 1);
    const sample = sampledGumbelSoftmax(SMALL).sample(alphas, openStream(7, 'gumbel'), temperature);
    expect(sample.forwardGates.some((open) => open === 1)).toBe(true);
    const relaxed = (values: Float64Array): number =>
      noise.reduce((total, [row], edge) => {
        const y = soft(
          probabilities([...values.subarray(3 * edge, 3 * edge + 3)], 'softmax'),
          row!,
          temperature,
        );
        return (
          total +
          y.reduce((sum, share, k) => {
            const entry = 3 * edge + k;
            return sum + sample.forwardGates[entry]! * gradient[entry]! * share;
          }, 0)
        );
      }, 0);
    const pulled = sample.pullback(gradient);
    alphas.forEach((value, entry) => {
      const slope =
        (relaxed(alphas.with(entry, value + 1e-5)) - relaxed(alphas.with(entry, value - 1e-5))) / 2e-5;
      expect(pulled[entry]).toBeCloseTo(slope, 8);
    });
  });

  it('samples every entry as often as its probability says, whatever the temperature', () => {
    const alphas = randomValues(11, entryCount(SMALL), 0, 1.5);
    const p = probabilitiesOf(alphas, SMALL, { scope: 'edge', parameterisation: 'softmax' });
    const estimator = sampledGumbelSoftmax(SMALL);
    const stream = openStream(5, 'gumbel');
    const draws = 10_000;
    const frequencies = new Float64Array(p.length);
    for (let draw = 0; draw < draws; draw++) {
      const { code } = estimator.sample(alphas, stream, draw % 2 === 0 ? 0.1 : 10);
      for (let entry = 0; entry < code.length; entry++) frequencies[entry]! += code[entry]! / draws;
    }
    p.forEach((value, entry) => {
      const error = Math.sqrt((value * (1 - value)) / draws);
      expect(Math.abs(frequencies[entry]! - value), `entry ${entry}`).toBeLessThan(4 * error);
    });
  });
});
