import { describe, expect, it } from 'vitest';
import { warmUp } from '../../../src/bench/warm-up.js';

/** Latencies one after the other; the last is repeated. */
function series(...latenciesMs: readonly number[]): () => Promise<number> {
  let run = 0;
  return async () => latenciesMs[Math.min(run++, latenciesMs.length - 1)] ?? Number.NaN;
}

describe('warmUp', () => {
  it('ends when two medians of ten runs are alike', async () => {
    expect(await warmUp(series(5))).toHaveLength(20);
    const falling = Array.from({ length: 15 }, (_, i) => 100 - 6 * i);
    const latencies = await warmUp(series(...falling, 4));
    expect(latencies.length).toBeGreaterThan(25);
    expect(latencies.length).toBeLessThan(40);
    expect(latencies.slice(0, 2)).toEqual([100, 94]);
  });

  it('ends after so many runs, or so much time, when they never are', async () => {
    let latency = 1;
    const growing = async (): Promise<number> => (latency *= 1.1);
    expect(await warmUp(growing, { runs: 30, timeMs: 1e9 })).toHaveLength(30);
    expect(await warmUp(series(400), { runs: 100, timeMs: 1000 })).toHaveLength(3);
  });
});
