import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToHalf, halfToFloat, largestFloat16 } from '../../graphs/float16.js';

const everyHalf = Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
  (bits) => !Number.isNaN(halfToFloat(bits)),
);

describe('float16', () => {
  it('knows the landmarks of the format', () => {
    const landmarks = [
      [0x3c00, 1],
      [0xc000, -2],
      [0x0001, 2 ** -24],
      [0x0400, 2 ** -14],
      [0x7bff, largestFloat16],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0x3555, 0.333251953125],
    ] as const;
    for (const [bits, value] of landmarks) {
      expect(halfToFloat(bits)).toBe(value);
      expect(floatToHalf(value)).toBe(bits);
    }
    expect(halfToFloat(floatToHalf(Number.NaN))).toBeNaN();
    expect(floatToHalf(-0)).toBe(0x8000);
  });

  it('keeps every float16 as it is', () => {
    for (const bits of everyHalf) expect(floatToHalf(halfToFloat(bits))).toBe(bits);
  });

  it('rounds to the nearest, ties to even', () => {
    const finite = fc.integer({ min: 0, max: 0x7bfe });
    fc.assert(
      fc.property(finite, fc.double({ min: 0, max: 1, noNaN: true }), (bits, share) => {
        const [below, above] = [halfToFloat(bits), halfToFloat(bits + 1)];
        const value = below + share * (above - below);
        const rest = (value - below) / (above - below);
        const nearest = rest === 0.5 ? bits + (bits % 2) : rest < 0.5 ? bits : bits + 1;
        expect(floatToHalf(value)).toBe(nearest);
        expect(floatToHalf(-value)).toBe(nearest | 0x8000);
      }),
      { numRuns: 3000 },
    );
    expect(floatToHalf(65519)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
  });
});
