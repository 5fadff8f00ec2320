import { describe, expect, it } from 'vitest';
import { type BrowserProcess, peakOf } from '../../../../src/bench/web/memory.js';

const processes: BrowserProcess[] = [
  { type: 'browser', id: 1 },
  { type: 'renderer', id: 2 },
  { type: 'GPU', id: 3 },
  { type: 'renderer', id: 4 },
];
const status = (kilobytes: number): string =>
  `Name:\tchrome\nVmPeak:\t 9 kB\nVmHWM:\t  ${kilobytes} kB\nThreads:\t3\n`;
const read = (id: number): Promise<string> => Promise.resolve(status(100 * id));

describe('the peak of a browser', () => {
  it('is that of its largest renderer, and of the GPU process where that computes', async () => {
    expect(await peakOf(processes, false, read)).toBe(400 * 1024);
    expect(await peakOf(processes, true, read)).toBe((400 + 300) * 1024);
  });

  it('is not known where one of them does not tell', async () => {
    expect(await peakOf(processes, false, () => Promise.resolve(null))).toBeNull();
    expect(
      await peakOf(processes, true, (id) => Promise.resolve(id === 3 ? 'Name: x' : status(5))),
    ).toBeNull();
    expect(await peakOf([], false, read)).toBeNull();
  });
});
