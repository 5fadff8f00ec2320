import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactly, logarithmicMarks, wholeMarks } from '../../../src/report/axis-marks.js';

describe('exactly', () => {
  const percent = exactly((value, digits) => `${(100 * value).toFixed(digits)} %`);
  const plain = exactly((value, digits) => value.toFixed(digits));

  it('writes as many digits as a mark has', () => {
    expect([0.8, 0.805, 0.88125, 0, -0.03].map(percent)).toEqual([
      '80 %',
      '80.5 %',
      '88.125 %',
      '0 %',
      '-3 %',
    ]);
    expect([0.1 + 0.2, 100, 20.5, 1e-4].map(plain)).toEqual(['0.3', '100', '20.5', '0.0001']);
  });

  it('calls no two round numbers the same', () => {
    const step = fc.constantFrom(0.0001, 0.0002, 0.0005, 0.01, 0.025, 0.5, 2);
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 2000 }), step, (first, step) => {
        const labels = [0, 1, 2, 3].map((i) => plain((first + i) * step));
        expect(new Set(labels).size).toBe(4);
      }),
    );
  });
});

describe('wholeMarks', () => {
  it('are every epoch of a few, and round ones of many', () => {
    expect(wholeMarks(1, 3, 8)).toEqual([1, 2, 3]);
    expect(wholeMarks(1, 1, 8)).toEqual([1]);
    expect(wholeMarks(1, 20, 8)).toEqual([5, 10, 15, 20]);
    expect(wholeMarks(1, 50, 8)).toEqual([10, 20, 30, 40, 50]);
    expect(wholeMarks(3, 12, 8)).toEqual([4, 6, 8, 10, 12]);
    expect(wholeMarks(0, 600, 4)).toEqual([0, 200, 400, 600]);
  });

  it('are whole numbers within the range, equally far apart, and not too many', () => {
    const epochs = fc.record({
      low: fc.integer({ min: 0, max: 5000 }),
      span: fc.integer({ min: 0, max: 5000 }),
      most: fc.integer({ min: 3, max: 12 }),
    });
    fc.assert(
      fc.property(epochs, ({ low, span, most }) => {
        const marks = wholeMarks(low, low + span, most);
        expect(marks.length).toBeGreaterThan(0);
        expect(marks.length).toBeLessThanOrEqual(most);
        const step = (marks[1] ?? 0) - (marks[0] ?? 0);
        for (const [i, mark] of marks.entries()) {
          expect(Number.isInteger(mark) && mark >= low && mark <= low + span).toBe(true);
          if (i > 0) expect(mark - (marks[i - 1] ?? 0)).toBe(step);
        }
      }),
    );
  });
});

describe('logarithmicMarks', () => {
  it('are round, and within the range', () => {
    expect(logarithmicMarks(0.3, 12)).toEqual([0.5, 1, 2, 5, 10]);
    expect(logarithmicMarks(0.05, 2000)).toEqual([0.1, 1, 10, 100, 1000]);
  });

  it('are more where 1, 2 and 5 are hardly within it', () => {
    expect(logarithmicMarks(0.35, 1.95)).toEqual([0.5, 0.7, 1, 1.5]);
  });
});
