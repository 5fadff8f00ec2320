import { describe, expect, it } from 'vitest';
import { RELEASED_TEMPERATURE, temperatureAt } from '../../../src/estimators/temperature.js';

describe('temperatureAt', () => {
  it('is linear between its ends and constant beyond them', () => {
    expect([0, 75, 150, 400].map((epoch) => temperatureAt(RELEASED_TEMPERATURE, epoch))).toEqual([
      5, 3, 1, 1,
    ]);
    expect(temperatureAt(RELEASED_TEMPERATURE, 37.5)).toBe(4);
    expect(temperatureAt({ from: 5, to: 1, epochs: 0 }, 0)).toBe(1);
  });
});
