import { describe, expect, it } from 'vitest';
import type { Roofline } from '../../../src/bench/roofline.js';
import { type MeasureRoofline, Rooflines } from '../../../src/bench/rooflines.js';
import { GenonnxError } from '../../../src/errors.js';

const place = { provider: 'cpu', threads: 1 } as const;

/** Answers with these peaks, one after the other; `busy` is an error of ours. */
function answering(...peaks: readonly (number | 'busy')[]): {
  measure: MeasureRoofline;
  count: () => number;
} {
  let count = 0;
  return {
    measure: async (_, threads): Promise<Roofline> => {
      const peak = peaks[count++];
      if (peak === undefined) throw new RangeError('asked too often');
      if (peak === 'busy') throw new GenonnxError('engine', 'busy');
      return { peakGflops: peak, peakGbytesPerSecond: peak / 10, threads };
    },
    count: () => count,
  };
}

describe('Rooflines', () => {
  it('measures each provider and number of threads until two measurements agree, and no browser', async () => {
    const asked: string[] = [];
    const rooflines = new Rooflines(async (provider, threads) => {
      asked.push(`${provider} ${threads}`);
      return { peakGflops: 10 * threads, peakGbytesPerSecond: 1, threads };
    });
    expect((await rooflines.of(place)).roofline?.peakGflops).toBe(10);
    expect((await rooflines.of({ ...place, threads: 2 })).roofline?.peakGflops).toBe(20);
    expect((await rooflines.of(place)).roofline?.peakGflops).toBe(10);
    expect(await rooflines.of({ provider: 'web-wasm', threads: 1 })).toEqual({
      roofline: null,
      withheld: undefined,
    });
    expect(asked).toEqual(['cpu 1', 'cpu 1', 'cpu 2', 'cpu 2']);
  });

  it('measures again where two disagree, and gives up where no two agree', async () => {
    const busyAtFirst = answering(20, 190, 200);
    expect((await new Rooflines(busyAtFirst.measure).of(place)).roofline?.peakGflops).toBe(200);
    const erratic = answering(20, 50, 100, 200);
    const rooflines = new Rooflines(erratic.measure);
    expect(await rooflines.of(place)).toEqual({ roofline: null, withheld: 'unsteady' });
    expect(await rooflines.of(place)).toEqual({ roofline: null, withheld: 'unsteady' });
    expect(erratic.count()).toBe(4);
  });

  it('measures no third time when the first two took too long', async () => {
    const slow = answering(20, 190, 200);
    const found = await new Rooflines(slow.measure, 0).of(place);
    expect(found).toEqual({ roofline: null, withheld: 'unsteady' });
    expect(slow.count()).toBe(2);
  });

  it('measures at least twice when it is doubted, and keeps what it had measured', async () => {
    const rooflines = new Rooflines(answering(20, 20, 195, 200).measure);
    expect((await rooflines.of(place)).roofline?.peakGflops).toBe(20);
    expect((await rooflines.again(place)).roofline?.peakGflops).toBe(200);
    expect((await rooflines.of(place)).roofline?.peakGflops).toBe(200);
    const steady = answering(200, 190, 50, 40);
    const others = new Rooflines(steady.measure);
    await others.of(place);
    expect((await others.again(place)).roofline?.peakGflops).toBe(200);
    expect(steady.count()).toBe(4);
  });

  it('goes without where the device could not be measured, and hides no fault', async () => {
    const once = answering('busy', 10, 10);
    expect((await new Rooflines(once.measure).of(place)).roofline?.peakGflops).toBe(10);
    const never = answering('busy', 'busy');
    expect(await new Rooflines(never.measure).of(place)).toEqual({ roofline: null, withheld: 'unmeasured' });
    const broken = new Rooflines(() => Promise.reject(new TypeError('a fault')));
    await expect(broken.of(place)).rejects.toThrow('a fault');
  });
});
