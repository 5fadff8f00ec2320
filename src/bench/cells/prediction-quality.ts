// How well one series predicts another: errors, the best line and what it is worth, correlations. Pure functions.
import { GenonnxError } from '../../errors.js';
import type { PredictionQuality } from './latency-table.js';

export interface Predicted {
  readonly predicted: number;
  /** Positive. */
  readonly measured: number;
}

/** @throws GenonnxError `usage` for an empty series. */
export function predictionQuality(pairs: readonly Predicted[]): PredictionQuality {
  if (pairs.length === 0) {
    throw new GenonnxError('usage', 'There is nothing to compare predictions with.', {
      expected: 'at least one measurement',
      found: 'none',
    });
  }
  const errors = pairs.map(({ predicted, measured }) => (predicted - measured) / measured);
  const line = leastSquares(pairs);
  return {
    meanAbsolutePercentageError: 100 * mean(errors.map(Math.abs)),
    meanPercentageError: 100 * mean(errors),
    fit:
      line === undefined
        ? null
        : { scale: line.scale, offsetMs: line.offset, leaveOneOutError: 100 * leaveOneOutError(pairs) },
    pearson: pearson(pairs),
    kendall: kendall(pairs),
  };
}

interface Line {
  readonly scale: number;
  readonly offset: number;
}

/** measured = scale predicted + offset; undefined where there is no spread to draw a line through. */
export function leastSquares(pairs: readonly Predicted[]): Line | undefined {
  const [x, y] = [mean(pairs.map(({ predicted }) => predicted)), mean(pairs.map(({ measured }) => measured))];
  let [products, squares] = [0, 0];
  for (const { predicted, measured } of pairs) {
    products += (predicted - x) * (measured - y);
    squares += (predicted - x) ** 2;
  }
  if (squares === 0) return undefined;
  const scale = products / squares;
  return { scale, offset: y - scale * x };
}

/** Mean of |error| / measured where each is predicted by the line through the others, or their mean. */
function leaveOneOutError(pairs: readonly Predicted[]): number {
  return mean(
    pairs.map(({ predicted, measured }, left) => {
      const others = pairs.filter((_, i) => i !== left);
      const line = leastSquares(others) ?? {
        scale: 0,
        offset: mean(others.map((other) => other.measured)),
      };
      return Math.abs(line.scale * predicted + line.offset - measured) / measured;
    }),
  );
}

/** Pearson's correlation; null where one of the two does not vary. */
export function pearson(pairs: readonly Predicted[]): number | null {
  const line = leastSquares(pairs);
  const back = leastSquares(
    pairs.map(({ predicted, measured }) => ({ predicted: measured, measured: predicted })),
  );
  if (line === undefined || back === undefined) return null;
  return Math.sign(line.scale) * Math.sqrt(line.scale * back.scale);
}

/** Kendall's tau-b: concordant less discordant pairs, as a share of those without ties; null where there are only ties. */
export function kendall(pairs: readonly Predicted[]): number | null {
  let [agreement, orderedByPrediction, orderedByMeasurement] = [0, 0, 0];
  pairs.forEach((one, i) => {
    for (const other of pairs.slice(i + 1)) {
      const byPrediction = Math.sign(one.predicted - other.predicted);
      const byMeasurement = Math.sign(one.measured - other.measured);
      agreement += byPrediction * byMeasurement;
      orderedByPrediction += Math.abs(byPrediction);
      orderedByMeasurement += Math.abs(byMeasurement);
    }
  });
  const norm = Math.sqrt(orderedByPrediction * orderedByMeasurement);
  return norm === 0 ? null : agreement / norm;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
