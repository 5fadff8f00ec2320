// How the elements of a tensor are distributed, batch after batch, and the range that a quantization should cover. Rare
// large values stretch the steps for all others: a range may leave them out.
//
// - `minmax`: nothing is cut off.
// - `percentile`: on each side the 0.01 % of the elements that lie farthest out are cut off.
// - `mse`: the range of least mean squared error. In steps of s = (b - a) / 255, an element within [a, b] is wrong by
//   s^2 / 12 in the mean square, and one outside by its distance from the range. Zeros are always exact.

import type { Range } from '../../../graphs/onnx/quantize/affine.js';
import { GenonnxError } from '../../errors.js';

export const RANGE_METHODS = ['minmax', 'percentile', 'mse'] as const;
export type RangeMethod = (typeof RANGE_METHODS)[number];

const bins = 2048;
/** Ends that are tried for a side of the range. */
const triedEnds = 128;
const percentile = 0.9999;

/** Elements of one sign by magnitude, in bins of one width, and sums of them from the outside inwards. */
class Side {
  counts = new Float64Array(bins);

  add(bin: number): void {
    this.counts[bin] = (this.counts[bin] ?? 0) + 1;
  }

  /** Two bins become one. */
  coarsen(): void {
    const { counts } = this;
    this.counts = counts.map((_, i) => (counts[2 * i] ?? 0) + (counts[2 * i + 1] ?? 0));
  }

  /** The end of the bin beyond which at most `count` elements lie. */
  endWithout(count: number): number {
    let beyond = 0;
    for (let bin = bins - 1; bin >= 0; bin--) {
      beyond += this.counts[bin] ?? 0;
      if (beyond > count) return bin + 1;
    }
    return 0;
  }

  /** For each end that is tried, in bins: how many elements lie within, and the squared distances of all others from it. */
  cuts(): { readonly end: number; readonly within: number; readonly beyond: number }[] {
    const most = this.endWithout(0);
    const within = this.counts.reduce((sum, count) => sum + count, 0);
    if (within === 0) return [{ end: 0, within, beyond: 0 }];
    const cuts = [];
    let bin = bins;
    const outside = { count: 0, sum: 0, squares: 0 };
    for (let k = triedEnds; k >= 1; k--) {
      const end = Math.ceil((most * k) / triedEnds);
      for (; bin > end; bin--) {
        const [count, center] = [this.counts[bin - 1] ?? 0, bin - 0.5];
        outside.count += count;
        outside.sum += count * center;
        outside.squares += count * center ** 2;
      }
      const beyond = outside.squares - 2 * end * outside.sum + outside.count * end ** 2;
      cuts.push({ end, within: within - outside.count, beyond });
    }
    return cuts;
  }
}

/** Least and largest element, which is all that `minmax` asks for. */
export class Extremes {
  protected min = 0;
  protected max = 0;

  /** `where` names the tensor. @throws GenonnxError `diverged` for elements that are no finite numbers. */
  add(values: Float32Array, where: string): void {
    let { min, max } = this;
    for (const value of values) {
      // NaN stays NaN in both.
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    if (!Number.isFinite(max - min)) throw notFinite(where);
    this.min = min;
    this.max = max;
  }

  range(): Range {
    return { min: this.min, max: this.max };
  }
}

export class Histogram extends Extremes {
  #width = 0;
  #count = 0;
  readonly #positive = new Side();
  readonly #negative = new Side();

  constructor(readonly method: Exclude<RangeMethod, 'minmax'>) {
    super();
  }

  override add(values: Float32Array, where: string): void {
    super.add(values, where);
    this.#count += values.length;
    this.#widen(Math.max(this.max, -this.min));
    if (this.#width === 0) return;
    const perBin = 1 / this.#width;
    for (const value of values) {
      if (value > 0) this.#positive.add(Math.min(Math.floor(value * perBin), bins - 1));
      else if (value < 0) this.#negative.add(Math.min(Math.floor(-value * perBin), bins - 1));
    }
  }

  #widen(magnitude: number): void {
    if (this.#width === 0) this.#width = magnitude / bins;
    while (this.#width * bins < magnitude) {
      this.#width *= 2;
      this.#positive.coarsen();
      this.#negative.coarsen();
    }
  }

  override range(): Range {
    const { negative, positive } = this.method === 'mse' ? this.#leastError() : this.#percentile();
    return {
      min: Math.max(this.min, -negative * this.#width),
      max: Math.min(this.max, positive * this.#width),
    };
  }

  #percentile() {
    const cut = (1 - percentile) * this.#count;
    return { negative: this.#negative.endWithout(cut), positive: this.#positive.endWithout(cut) };
  }

  #leastError() {
    let best = { negative: 0, positive: 0, error: Number.POSITIVE_INFINITY };
    const above = this.#positive.cuts();
    for (const low of this.#negative.cuts()) {
      for (const high of above) {
        const step = (low.end + high.end) / 255;
        const error = ((low.within + high.within) * step ** 2) / 12 + low.beyond + high.beyond;
        if (error < best.error) best = { negative: low.end, positive: high.end, error };
      }
    }
    return best;
  }
}

function notFinite(where: string): GenonnxError {
  return new GenonnxError('diverged', 'The model yields values that are no finite numbers.', {
    where,
    cure: 'Check the model with genonnx validate, and the images that it is calibrated on.',
  });
}
