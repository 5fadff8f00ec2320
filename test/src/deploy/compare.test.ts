import { describe, expect, it } from 'vitest';
import { tensor } from '../../../graphs/interpret/interpret.js';
import { topOneAgreement, worstElement } from '../../../src/deploy/compare.js';

const tolerance = { absolute: 0.1, relative: 0.01 };

describe('worstElement', () => {
  it('measures the largest difference against the largest expected value', () => {
    const worst = worstElement(
      tensor([2, 3], [1, -2, 3, 4, -100, 6]),
      tensor([2, 3], [1, -2, 3.55, 4, -100, 5.9]),
      tolerance,
    );
    expect(worst).toMatchObject({ element: 2, position: [0, 2], expected: 3, found: 3.55 });
    expect(worst.difference).toBeCloseTo(0.55, 12);
    expect(worst.ofTolerance).toBeCloseTo(0.55 / (0.1 + 0.01 * 100), 12);
  });

  it('gives the index along each axis', () => {
    const expected = tensor([2, 2, 3], new Float64Array(12));
    const found = tensor([2, 2, 3], new Float64Array(12).fill(1, 10, 11));
    expect(worstElement(expected, found, tolerance)).toMatchObject({ element: 10, position: [1, 1, 1] });
  });

  it('is content with equal tensors, empty and scalar ones too', () => {
    for (const shape of [[3], [0, 3], []]) {
      const same = tensor(shape, new Float64Array(shape.reduce((a, b) => a * b, 1)));
      const { difference, ofTolerance } = worstElement(same, same, tolerance);
      expect([difference, ofTolerance]).toEqual([0, 0]);
    }
  });

  it.each([
    [Number.NaN, 0],
    [0, Number.NaN],
    [Number.NaN, Number.NaN],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 0],
    [0, Number.NEGATIVE_INFINITY],
  ])('never accepts %s where %s was found', (expected, found) => {
    const worst = worstElement(tensor([3], [5, expected, 9]), tensor([3], [5.5, found, 9]), tolerance);
    expect(worst.element).toBe(1);
    expect(worst.ofTolerance).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('topOneAgreement', () => {
  it('compares the first largest element of each row', () => {
    const expected = tensor([4, 2], [1, 2, 3, 1, 5, 5, -2, -1]);
    expect(topOneAgreement(expected, tensor([4, 2], [0, 9, 2, 9, 5, 4, -4, -3]))).toBe(0.75);
  });

  it('is none where a row holds something that is not a number', () => {
    const nan = tensor([1, 2], [Number.NaN, 1]);
    expect(topOneAgreement(nan, nan)).toBe(0);
  });

  it('is not defined for other shapes', () => {
    const map = tensor([1, 1, 2], [1, 2]);
    expect(topOneAgreement(map, map)).toBeNull();
    const none = tensor([0, 2], []);
    expect(topOneAgreement(none, none)).toBeNull();
  });
});
