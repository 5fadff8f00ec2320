// What measurements achieve of their machine's peaks, when all of them are there: the peaks of a place are measured again
// where a model exceeds them, and shares that no machine can reach are left out.
import type { Measurement } from './results.js';
import { achieved, type ModelWork } from './roofline.js';
import { excessOf, withoutShares } from './roofline-trust.js';
import { keyOf, type Peaks, type RooflinePlace } from './rooflines.js';

export interface Unappraised {
  readonly measurement: Omit<Measurement, 'roofline' | 'achieved' | 'withheld'>;
  readonly place: RooflinePlace;
  /** Null where nobody knows its multiply-adds, or they are no float32. */
  readonly work: ModelWork | null;
}

export interface PeakSource {
  of(place: RooflinePlace): Promise<Peaks>;
  again(place: RooflinePlace): Promise<Peaks>;
}

/** In the order of `found`. Without `peaks`, none is measured. */
export async function appraise(
  found: readonly Unappraised[],
  peaks: PeakSource | null,
): Promise<Measurement[]> {
  if (peaks === null) return found.map((one) => appraised(one, notAsked));
  const settled = new Map<string, Peaks>();
  for (const { place } of found) {
    if (settled.has(keyOf(place))) continue;
    const measured = await peaks.of(place);
    const isExceeded =
      measured.roofline !== null &&
      found.some((one) => keyOf(one.place) === keyOf(place) && 'withheld' in appraised(one, measured));
    settled.set(keyOf(place), isExceeded ? await peaks.again(place) : measured);
  }
  return found.map((one) => appraised(one, settled.get(keyOf(one.place)) ?? notAsked));
}

const notAsked: Peaks = { roofline: null, withheld: undefined };

function appraised({ measurement, place, work }: Unappraised, peaks: Peaks): Measurement {
  const { roofline } = peaks;
  const reached = (work === null ? undefined : achieved(work, roofline)) ?? null;
  const excess = reached === null ? undefined : excessOf(reached, place.provider);
  const withheld = roofline === null && reached !== null ? peaks.withheld : excess;
  return {
    ...measurement,
    roofline,
    achieved: reached !== null && withheld !== undefined ? withoutShares(reached, withheld) : reached,
    ...(withheld === undefined ? {} : { withheld }),
  };
}
