import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOffsets, printOffsets } from '../../../src/live/offsets.js';

describe('the ids of events', () => {
  it('come back as they were', () => {
    const run = fc.stringMatching(/^[0-9a-f]{1,12}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(run, fc.nat())), (pairs) => {
        const offsets = new Map(pairs);
        expect(parseOffsets(printOffsets(offsets))).toEqual(offsets);
      }),
    );
  });

  it('may be anything, and are then of no run', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const [run, bytes] of parseOffsets(text)) {
          expect(run).toMatch(/^[0-9a-f]+$/);
          expect(bytes).toBeGreaterThanOrEqual(0);
        }
      }),
    );
    expect(parseOffsets('abc:-1,abc:1e9,:3,abc,../x:4').size).toBe(0);
  });
});
