// The roofline of a machine and where a model stands below it. A processor computes at most `peakGflops`, and moves at most
// `peakGbytesPerSecond`: work of i operations a byte runs at no more than min(peak, i x bandwidth). Both peaks are
// measured, in `measure-roofline.ts`; here is the arithmetic.
import { z } from 'zod';

export const rooflineSchema = z.object({
  /** 10^9 float32 operations a second, of a matrix product; a multiply-add is two. */
  peakGflops: z.number().positive(),
  /** 10^9 bytes a second, read and written, of an elementwise operation on tensors larger than the caches. */
  peakGbytesPerSecond: z.number().positive(),
  threads: z.int().min(1),
});
export type Roofline = z.infer<typeof rooflineSchema>;

/** A measurement of one or more repetitions of the same work. */
export interface TimedWork {
  /** Operations, or bytes. */
  readonly work: number;
  readonly timeMs: number;
}

/**
 * 10^9 units of work a second, from a short and a long chain of the same operation: what every run costs beside (copies to
 * and from a device, the call itself) is in both and cancels out. Undefined where the longer one took no longer.
 */
export function sustainedRate(short: TimedWork, long: TimedWork): number | undefined {
  const [work, timeMs] = [long.work - short.work, long.timeMs - short.timeMs];
  return work > 0 && timeMs > 0 ? work / timeMs / 1e6 : undefined;
}

/** The most that work of so many operations a byte can reach, in 10^9 operations a second. */
export function attainableGflops(
  { peakGflops, peakGbytesPerSecond }: Roofline,
  operationsPerByte: number,
): number {
  return Math.min(peakGflops, operationsPerByte * peakGbytesPerSecond);
}

export interface ModelWork {
  /** Multiply-adds of one image. */
  readonly macs: number;
  readonly batch: number;
  /** Of the fastest run, as the peaks are those of the fastest. */
  readonly latencyMs: number;
  /** What a run reads and writes at least, weights included; null where nobody knows. */
  readonly movedBytes: number | null;
}

export const achievedSchema = z.object({
  gflops: z.number().positive(),
  /**
   * Of the measured peak: above 1 where convolutions are computed with fewer operations (Winograd's, for instance). Null
   * where no peak was measured that can be believed.
   */
  shareOfPeak: z.number().positive().nullable(),
  /** Of what the roofline allows for the bytes that the model moves; null where either is not known. */
  shareOfRoofline: z.number().positive().nullable(),
});
export type Achieved = z.infer<typeof achievedSchema>;

/** What a model achieves: two operations a multiply-add. Undefined for one without multiply-adds. */
export function achieved(
  { macs, batch, latencyMs, movedBytes }: ModelWork,
  roofline: Roofline | null,
): Achieved | undefined {
  const operations = 2 * macs * batch;
  if (!(operations > 0 && latencyMs > 0)) return undefined;
  const gflops = operations / latencyMs / 1e6;
  if (roofline === null) return { gflops, shareOfPeak: null, shareOfRoofline: null };
  const attainable =
    movedBytes === null || movedBytes <= 0 ? null : attainableGflops(roofline, operations / movedBytes);
  return {
    gflops,
    shareOfPeak: gflops / roofline.peakGflops,
    shareOfRoofline: attainable === null ? null : gflops / attainable,
  };
}
