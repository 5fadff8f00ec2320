// Whether measured peaks are to be believed. Whatever else runs on a machine lowers what is measured of it, so that a peak
// taken at a bad moment makes models look better than the machine: peaks are measured until two agree, and no share is given
// that the machine cannot reach. Numbers in, decisions out; `rooflines.ts` measures.
import { cpuProvider, type ProviderName, runtimeProvider } from './providers.js';
import type { Achieved, Roofline } from './roofline.js';

/** Why shares of a peak or of a roofline are left out. */
export const withheldReasons = ['unmeasured', 'unsteady', 'peak-exceeded', 'bandwidth-exceeded'] as const;
/**
 * `unmeasured`: the peaks could not be measured. `unsteady`: they were, and no two measurements agree. `peak-exceeded`,
 * `bandwidth-exceeded`: the model computed, or moved, more a second than the peak allows, which was measured twice over.
 */
export type Withheld = (typeof withheldReasons)[number];

/** Two measurements of one peak agree within this share of the higher one. */
const tolerance = 0.15;

/**
 * The peaks of several measurements of one place: of each the highest, if the second highest confirms it. Undefined where
 * it does not, or there is a single one.
 */
export function agreedRoofline(measurements: readonly Roofline[]): Roofline | undefined {
  const [first] = measurements;
  const peakGflops = confirmed(measurements.map((one) => one.peakGflops));
  const peakGbytesPerSecond = confirmed(measurements.map((one) => one.peakGbytesPerSecond));
  if (first === undefined || peakGflops === undefined || peakGbytesPerSecond === undefined) return undefined;
  return { peakGflops, peakGbytesPerSecond, threads: first.threads };
}

function confirmed(peaks: readonly number[]): number | undefined {
  const [highest, second] = peaks.toSorted((a, b) => b - a);
  return highest !== undefined && second !== undefined && second >= (1 - tolerance) * highest
    ? highest
    : undefined;
}

/** Peaks are known to about this factor: those of a product of 1024 x 1024 matrices are not the last word of a kernel. */
const slack = 1.25;

/**
 * Convolutions of 3 x 3 take a quarter of the counted multiplications in Winograd's form F(4x4, 3x3), 36 for 16 numbers of
 * 9 each. Libraries of GPUs use it; the processor's kernels of ONNX Runtime do not.
 */
const winograd = 4;

/** What a measurement exceeds that it cannot; undefined where its shares are possible. */
export function excessOf(
  { shareOfPeak, shareOfRoofline }: Achieved,
  provider: ProviderName,
): Extract<Withheld, 'peak-exceeded' | 'bandwidth-exceeded'> | undefined {
  if (shareOfPeak === null) return undefined;
  const onProcessor = runtimeProvider[provider] === cpuProvider;
  if (shareOfPeak > (onProcessor ? slack : winograd)) return 'peak-exceeded';
  // Where the bytes are the tighter limit, the share is that of the bandwidth, and no kernel moves less than it counts.
  const isBoundByBytes = shareOfRoofline !== null && shareOfRoofline > shareOfPeak;
  return isBoundByBytes && shareOfRoofline > slack ? 'bandwidth-exceeded' : undefined;
}

/** Without the shares that an excess makes worthless: of a wrong peak both, of a wrong bandwidth that of the roofline. */
export function withoutShares(achieved: Achieved, excess: Withheld): Achieved {
  return {
    ...achieved,
    shareOfPeak: excess === 'bandwidth-exceeded' ? achieved.shareOfPeak : null,
    shareOfRoofline: null,
  };
}
