// What rounding to another precision changed, in a line.
import type { PrecisionDeparture } from '../deploy/precision-departure.js';

/** @param examples what was tried, `random images`. */
export function departureText(
  { images, largestRelativeDifference, topOneAgreement }: PrecisionDeparture,
  examples: string,
): string {
  return `${largestRelativeDifference.toExponential(2)} of the largest logit, top-1 agreement ${(100 * topOneAgreement).toFixed(1)} %, on ${images} ${examples} against float32`;
}
