// Small views of pictures stay in memory once they are made: epochs after the first need not decode again. Only views in which
// chance has no part, and only sets that are known to fit: 256 MiB, which is 21,800 pictures of 64 x 64.
import { type PictureView, viewSize } from '../../src/data/pictures/views.js';

/** Of all parts of a data set together. */
export const mostKeptBytes = 2 ** 28;

type Read = (index: number, view: PictureView) => Promise<Uint8Array>;

/** How much may still be kept. */
export interface KeptBudget {
  bytes: number;
}

/** `read`, whose answers are kept for the first fixed view that is asked for, where all `count` of them fit. */
export function keepViews(read: Read, count: number, budget: KeptBudget): Read {
  let kept:
    | { readonly key: string; readonly size: number; readonly bytes: Uint8Array; readonly has: Uint8Array }
    | undefined;
  return async (index, view) => {
    if (view.kind === 'random-crop') return read(index, view);
    const size = 3 * viewSize(view) ** 2;
    const key = JSON.stringify(view);
    if (kept === undefined && count * size <= budget.bytes) {
      budget.bytes -= count * size;
      // Pages that nothing was written to take no memory.
      kept = { key, size, bytes: new Uint8Array(count * size), has: new Uint8Array(count) };
    }
    if (kept === undefined || kept.key !== key) return read(index, view);
    const place = kept.bytes.subarray(index * size, (index + 1) * size);
    if (kept.has[index] === 0) {
      place.set(await read(index, view));
      kept.has[index] = 1;
    }
    return place;
  };
}
