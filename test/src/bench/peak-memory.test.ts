import { describe, expect, it } from 'vitest';
import { peakIn, peakMemoryOf } from '../../../src/bench/peak-memory.js';

describe('peakIn', () => {
  it('is the high-water mark that Linux keeps', () => {
    expect(peakIn('Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t   123456 kB\nVmRSS:\t 100 kB\n')).toBe(
      123_456 * 1024,
    );
  });

  it.each(['', 'Name:\tnode\n', null])('is unknown where %j does not say', (status) => {
    expect(peakIn(status)).toBeNull();
  });
});

it.skipIf(process.platform !== 'linux')('knows this process, and no other that is not there', async () => {
  expect(await peakMemoryOf(process.pid)).toBeGreaterThan(2 ** 24);
  expect(await peakMemoryOf(2 ** 30)).toBeNull();
});
