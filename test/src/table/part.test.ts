import { describe, expect, it } from 'vitest';
import { inParts, parsePart, printPart } from '../../../src/table/part.js';

describe('a part of a table', () => {
  const runs = [
    { seed: 1, network: 0 },
    { seed: 20, network: 398 },
  ];

  it('is named by its trainings', () => {
    expect(printPart(runs)).toBe('1:0,20:398');
    expect(parsePart(printPart(runs))).toEqual(runs);
  });

  it.each(['', '1', '1:', '1:-1', '1:0,', 'a:b', '1:0:2'])('is not %j', (text) => {
    expect(() => parsePart(text)).toThrow('These are no rows of a table.');
  });

  it('has so many of them, and the last one what is left', () => {
    expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inParts([], 2)).toEqual([]);
  });
});
