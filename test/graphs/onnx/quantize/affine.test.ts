import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  quantizeBias,
  quantizeUnsigned,
  quantizeWeight,
  roundHalfEven,
  safeWeight,
  unsignedAffine,
} from '../../../../graphs/onnx/quantize/affine.js';

describe('unsignedAffine', () => {
  it('covers the range with 255 steps', () => {
    expect(unsignedAffine({ min: -1, max: 1.55 })).toEqual({ scale: Math.fround(0.01), zeroPoint: 100 });
    expect(unsignedAffine({ min: 0, max: 255 })).toEqual({ scale: 1, zeroPoint: 0 });
    expect(unsignedAffine({ min: -255, max: 0 })).toEqual({ scale: 1, zeroPoint: 255 });
  });

  it('covers 0 where the range does not', () => {
    expect(unsignedAffine({ min: 100, max: 255 })).toEqual({ scale: 1, zeroPoint: 0 });
    expect(unsignedAffine({ min: -255, max: -100 })).toEqual({ scale: 1, zeroPoint: 255 });
  });

  it('has steps for what is always 0, or nearly', () => {
    expect(unsignedAffine({ min: 0, max: 0 })).toEqual({ scale: 1, zeroPoint: 0 });
    expect(unsignedAffine({ min: 0, max: 1e-40 }).scale).toBe(2 ** -126);
  });

  it('has an integer for 0, and is wrong by half a step at most within the range', () => {
    const side = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(side, side, fc.double({ min: 0, max: 1, noNaN: true }), (below, above, at) => {
        const range = { min: -below, max: above };
        const affine = unsignedAffine(range);
        const real = range.min + at * (range.max - range.min);
        const back = [...quantizeUnsigned([real, 0], affine)].map(
          (q) => (q - affine.zeroPoint) * affine.scale,
        );
        expect(back[1]).toBe(0);
        // The zero point is rounded too: at an end of the range another half step is cut off.
        const within = Math.min(real - range.min, range.max - real) >= affine.scale / 2;
        const allowed = within ? 0.5 : 1;
        expect(Math.abs((back[0] ?? Number.NaN) - real)).toBeLessThanOrEqual(
          allowed * affine.scale * (1 + 1e-6),
        );
      }),
    );
  });
});

describe('roundHalfEven', () => {
  it('rounds ties to even', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6].map((x) => roundHalfEven(x) + 0)).toEqual([
      0, 2, 2, 0, -2, 2, -3,
    ]);
  });
});

describe('quantizeWeight', () => {
  it('gives each output channel the scale of its largest weight', () => {
    const { values, scales } = quantizeWeight(
      Float32Array.of(1, -2, 0.5, 0.25, 0, 0),
      { before: 1, channels: 3, after: 2 },
      100,
    );
    expect([...scales]).toEqual([0.02, 0.005, 1].map(Math.fround));
    expect([...values]).toEqual([50, -100, 100, 50, 0, 0]);
  });

  it('finds the channels along another axis', () => {
    const { values, scales } = quantizeWeight(
      Float32Array.of(1, 10, -1, 5),
      { before: 2, channels: 2, after: 1 },
      10,
    );
    expect([...scales]).toEqual([0.1, 1].map(Math.fround));
    expect([...values]).toEqual([10, 10, -10, 5]);
  });

  it('leaves room for a bias beside weights that are near 0', () => {
    const bias = { values: Float32Array.of(3), inputScale: 0.5 };
    const { values, scales } = quantizeWeight(
      Float32Array.of(1e-12),
      { before: 1, channels: 1, after: 1 },
      64,
      bias,
    );
    expect(values[0]).toBe(0);
    const scale = (scales[0] ?? 0) * bias.inputScale;
    const [quantized = 0] = quantizeBias(bias.values, Float32Array.of(scale));
    expect(quantized * scale).toBeCloseTo(3, 5);
  });

  it('keeps pairs of products within 16 bits', () => {
    expect(2 * 255 * safeWeight).toBeLessThan(2 ** 15);
    expect(2 * 255 * (safeWeight + 1)).toBeGreaterThan(2 ** 15);
  });
});

describe('quantizeBias', () => {
  it('counts in the scales of the sums, within 32 bits', () => {
    expect([...quantizeBias(Float32Array.of(1, -0.5, 1e9), Float32Array.of(0.25, 0.25, 0.25))]).toEqual([
      4,
      -2,
      2 ** 31 - 1,
    ]);
  });
});
