import { describe, expect, it } from 'vitest';
import { Rooflines } from '../../../src/bench/rooflines.js';
import { GenonnxError } from '../../../src/errors.js';

describe('Rooflines', () => {
  it('measures each provider and number of threads once, and no browser', async () => {
    const asked: string[] = [];
    const rooflines = new Rooflines(async (provider, threads) => {
      asked.push(`${provider} ${threads}`);
      return { peakGflops: 10 * threads, peakGbytesPerSecond: 1, threads };
    });
    expect((await rooflines.of({ provider: 'cpu', threads: 1 }))?.peakGflops).toBe(10);
    expect((await rooflines.of({ provider: 'cpu', threads: 2 }))?.peakGflops).toBe(20);
    expect((await rooflines.of({ provider: 'cpu', threads: 1 }))?.peakGflops).toBe(10);
    expect(await rooflines.of({ provider: 'web-wasm', threads: 1 })).toBeNull();
    expect(asked).toEqual(['cpu 1', 'cpu 2']);
  });

  it('goes without where the device was too busy to be measured', async () => {
    const rooflines = new Rooflines(() => Promise.reject(new GenonnxError('engine', 'busy')));
    expect(await rooflines.of({ provider: 'cpu', threads: 1 })).toBeNull();
    const broken = new Rooflines(() => Promise.reject(new TypeError('a fault')));
    await expect(broken.of({ provider: 'cpu', threads: 1 })).rejects.toThrow('a fault');
  });
});
