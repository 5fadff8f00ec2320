import { describe, expect, it } from 'vitest';
import { initialAlphas } from '../../../src/estimators/initial-alphas.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';

describe('initialAlphas', () => {
  it('lies close to 0 for softmax and to 1 for relu, with noise, the same for the same stream', () => {
    for (const [parameterisation, centre] of [
      ['softmax', 0],
      ['relu', 1],
    ] as const) {
      const values = initialAlphas(DARTS_SPACE, parameterisation, openStream(1, 'alphas'));
      expect(values).toHaveLength(224);
      expect(values.every((a) => Math.abs(a - centre) < 6e-3)).toBe(true);
      expect(new Set(values).size).toBe(224);
      expect(initialAlphas(DARTS_SPACE, parameterisation, openStream(1, 'alphas'))).toEqual(values);
    }
  });
});
