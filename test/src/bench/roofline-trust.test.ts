import { describe, expect, it } from 'vitest';
import { agreedRoofline, excessOf, withoutShares } from '../../../src/bench/roofline-trust.js';

const at = (peakGflops: number, peakGbytesPerSecond: number) => ({
  peakGflops,
  peakGbytesPerSecond,
  threads: 2,
});

describe('agreedRoofline', () => {
  it('takes the highest of each peak where the second highest confirms it', () => {
    expect(agreedRoofline([at(200, 30), at(180, 34)])).toEqual(at(200, 34));
    expect(agreedRoofline([at(20, 34), at(200, 3), at(190, 33)])).toEqual(at(200, 34));
  });

  it('believes no peak that is measured once, nor one that no other measurement comes near', () => {
    expect(agreedRoofline([])).toBeUndefined();
    expect(agreedRoofline([at(200, 30)])).toBeUndefined();
    // 15 % apart agree, more does not.
    expect(agreedRoofline([at(200, 30), at(170, 30)])).toEqual(at(200, 30));
    expect(agreedRoofline([at(200, 30), at(169, 30)])).toBeUndefined();
    expect(agreedRoofline([at(200, 30), at(200, 25)])).toBeUndefined();
    expect(agreedRoofline([at(20, 30), at(20, 30), at(200, 30)])).toBeUndefined();
  });
});

describe('excessOf', () => {
  const shares = (shareOfPeak: number | null, shareOfRoofline: number | null) => ({
    gflops: 100,
    shareOfPeak,
    shareOfRoofline,
  });

  it('finds nothing in what a machine can do', () => {
    expect(excessOf(shares(0.6, 0.8), 'cpu')).toBeUndefined();
    expect(excessOf(shares(1.2, 1.2), 'cpu')).toBeUndefined();
    expect(excessOf(shares(0.6, null), 'cpu')).toBeUndefined();
    expect(excessOf(shares(null, null), 'cpu')).toBeUndefined();
  });

  it('allows convolutions on a GPU a quarter of the multiplications, and processors none less', () => {
    expect(excessOf(shares(3.9, 3.9), 'cuda')).toBeUndefined();
    expect(excessOf(shares(4.1, 4.1), 'cuda')).toBe('peak-exceeded');
    expect(excessOf(shares(1.3, 1.3), 'cpu')).toBe('peak-exceeded');
    expect(excessOf(shares(1.3, null), 'cpu')).toBe('peak-exceeded');
  });

  it('allows nobody more bytes than the bandwidth: 696 % of the roofline at half the peak', () => {
    expect(excessOf(shares(0.5, 6.96), 'cpu')).toBe('bandwidth-exceeded');
    expect(excessOf(shares(0.5, 1.3), 'cuda')).toBe('bandwidth-exceeded');
    expect(excessOf(shares(0.5, 1.2), 'cpu')).toBeUndefined();
  });
});

it('leaves out the shares that rest on the wrong peak, and keeps the rate', () => {
  const achieved = { gflops: 100, shareOfPeak: 0.5, shareOfRoofline: 7 };
  expect(withoutShares(achieved, 'bandwidth-exceeded')).toEqual({ ...achieved, shareOfRoofline: null });
  expect(withoutShares(achieved, 'peak-exceeded')).toEqual({
    gflops: 100,
    shareOfPeak: null,
    shareOfRoofline: null,
  });
});
