import { describe, expect, it } from 'vitest';
import { appraise, type PeakSource, type Unappraised } from '../../../src/bench/appraise.js';
import { benchResultsSchema, type Measurement } from '../../../src/bench/results.js';
import type { Peaks } from '../../../src/bench/rooflines.js';
import { measurementOf, resultsOf } from './results-case.js';

function unappraised(gflops: number, threads = 2): Unappraised {
  const { roofline: _, achieved: __, ...measurement } = measurementOf([[1]]);
  return {
    measurement,
    place: { provider: 'cpu', threads },
    // 10 operations a byte.
    work: { macs: (gflops / 2) * 1e6, batch: 1, latencyMs: 1, movedBytes: gflops * 1e5 },
  };
}

const of = (peakGflops: number, peakGbytesPerSecond: number): Peaks => ({
  roofline: { peakGflops, peakGbytesPerSecond, threads: 2 },
});

function source(first: Peaks, anew: Peaks = first): PeakSource & { readonly log: string[] } {
  const log: string[] = [];
  return {
    log,
    of: async ({ threads }) => {
      log.push(`of ${threads}`);
      return first;
    },
    again: async ({ threads }) => {
      log.push(`again ${threads}`);
      return anew;
    },
  };
}

const shares = ({ achieved, withheld }: Measurement) => [
  achieved?.shareOfPeak,
  achieved?.shareOfRoofline,
  withheld,
];

describe('appraise', () => {
  it('asks once for the peaks of a place, and gives shares of them', async () => {
    const peaks = source(of(100, 5));
    const found = await appraise([unappraised(40), unappraised(20), unappraised(40, 1)], peaks);
    expect(found.map(shares)).toEqual([
      [0.4, 0.8, undefined],
      [0.2, 0.4, undefined],
      [0.4, 0.8, undefined],
    ]);
    expect(peaks.log).toEqual(['of 2', 'of 1']);
    expect(benchResultsSchema.parse(resultsOf(found)).measurements).toEqual(found);
  });

  it('has the peaks measured again where one of their measurements exceeds them', async () => {
    const peaks = source(of(10, 5), of(100, 5));
    const found = await appraise([unappraised(5), unappraised(40)], peaks);
    expect(peaks.log).toEqual(['of 2', 'again 2']);
    expect(found.map(shares)).toEqual([
      [0.05, 0.1, undefined],
      [0.4, 0.8, undefined],
    ]);
    expect(found.map(({ roofline }) => roofline?.peakGflops)).toEqual([100, 100]);
  });

  it('leaves out what is still impossible, says so, and keeps what is not', async () => {
    const found = await appraise([unappraised(5), unappraised(40)], source(of(100, 1)));
    expect(found.map(shares)).toEqual([
      [0.05, 0.5, undefined],
      [0.4, null, 'bandwidth-exceeded'],
    ]);
    expect(found[1]?.achieved?.gflops).toBeCloseTo(40, 9);
    const beyond = await appraise([unappraised(40)], source(of(10, 5)));
    expect(beyond.map(shares)).toEqual([[null, null, 'peak-exceeded']]);
    expect(benchResultsSchema.parse(resultsOf(beyond)).measurements).toEqual(beyond);
  });

  it('says why there are no peaks, of models that would have had a share', async () => {
    const peaks = source({ roofline: null, withheld: 'unsteady' });
    const found = await appraise([unappraised(40), { ...unappraised(40), work: null }], peaks);
    expect(found.map(({ withheld, roofline }) => [withheld, roofline])).toEqual([
      ['unsteady', null],
      [undefined, null],
    ]);
    expect(found.map(({ achieved }) => achieved)).toEqual([
      { gflops: 40, shareOfPeak: null, shareOfRoofline: null },
      null,
    ]);
    // Measuring anew is for peaks that are doubted.
    expect(peaks.log).toEqual(['of 2']);
  });

  it('measures nothing where nothing is asked for', async () => {
    const [measurement] = await appraise([unappraised(40)], null);
    expect(measurement).toMatchObject({ roofline: null, achieved: { gflops: 40, shareOfPeak: null } });
    expect(measurement).not.toHaveProperty('withheld');
  });
});
