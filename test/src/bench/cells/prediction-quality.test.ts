import { describe, expect, it } from 'vitest';
import { predictionQuality } from '../../../../src/bench/cells/prediction-quality.js';

const pairs = (predicted: readonly number[], measured: readonly number[]) =>
  predicted.map((value, i) => ({ predicted: value, measured: measured[i]! }));

describe('predictionQuality', () => {
  it('knows a perfect prediction', () => {
    expect(predictionQuality(pairs([1, 2, 4], [1, 2, 4]))).toEqual({
      meanAbsolutePercentageError: 0,
      meanPercentageError: 0,
      fit: { scale: 1, offsetMs: 0, leaveOneOutError: 0 },
      pearson: 1,
      kendall: 1,
    });
  });

  it('finds scale and offset, of which nothing is left after the fit', () => {
    const found = predictionQuality(pairs([1, 2, 3, 7], [7, 9, 11, 19]));
    expect(found.fit?.scale).toBeCloseTo(2, 12);
    expect(found.fit?.offsetMs).toBeCloseTo(5, 12);
    expect(found.fit?.leaveOneOutError).toBeCloseTo(0, 10);
    // 6/7, 7/9, 8/11, 12/19, all too low.
    const error = (100 * (6 / 7 + 7 / 9 + 8 / 11 + 12 / 19)) / 4;
    expect(found.meanAbsolutePercentageError).toBeCloseTo(error, 10);
    expect(found.meanPercentageError).toBeCloseTo(-error, 10);
    expect(found.pearson).toBeCloseTo(1, 12);
  });

  it('does not let a network fit itself', () => {
    // Each third point is predicted by the line through the two others: 0 from (2,1), (3,0); ...
    const { fit } = predictionQuality(pairs([1, 2, 3], [1, 1, 2]));
    // At 1 from (2,1), (3,2): 0, off by 1 of 1. At 2 from (1,1), (3,2): 1.5, off by 0.5 of 1. At 3 from (1,1), (2,1): 1.
    expect(fit?.leaveOneOutError).toBeCloseTo((100 * (1 + 0.5 + 0.5)) / 3, 10);
  });

  it('gives correlations done by hand', () => {
    // Deviations (-1.5, -0.5, 0.5, 1.5) and (-1.5, 0.5, -0.5, 1.5): 4/5. One of six pairs is out of order.
    const found = predictionQuality(pairs([1, 2, 3, 4], [1, 3, 2, 4]));
    expect(found.pearson).toBeCloseTo(0.8, 12);
    expect(found.kendall).toBeCloseTo((5 - 1) / 6, 12);
    const back = predictionQuality(pairs([1, 2, 3, 4], [4, 2, 3, 1]));
    expect(back.pearson).toBeCloseTo(-0.8, 12);
    expect(back.kendall).toBeCloseTo((1 - 5) / 6, 12);
  });

  it('takes ties out of the pairs', () => {
    // Of the pairs (1,2), (1,3), (2,3) the predictions order two, the measurements three.
    const { kendall } = predictionQuality(pairs([1, 1, 2], [1, 2, 3]));
    expect(kendall).toBeCloseTo(2 / Math.sqrt(2 * 3), 12);
  });

  it('claims no correlation of what does not vary, and no line', () => {
    expect(predictionQuality(pairs([2, 2], [1, 3]))).toMatchObject({
      fit: null,
      pearson: null,
      kendall: null,
    });
    expect(predictionQuality(pairs([1, 2], [3, 3]))).toMatchObject({ pearson: null, kendall: null });
    expect(predictionQuality(pairs([2], [4]))).toMatchObject({ meanPercentageError: -50, fit: null });
  });

  it('refuses nothing', () => {
    expect(() => predictionQuality([])).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
