import { describe, expect, it } from 'vitest';
import { tensor } from '../../../graphs/interpret/interpret.js';
import { compareLogits, precisionDeparture } from '../../../src/deploy/precision-departure.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { exportCase } from '../../exporters/export-case.js';

describe('compareLogits', () => {
  it('measures against the largest logit, and counts images', () => {
    const expected = tensor([2, 2], [1, 2, 8, 0]);
    expect(compareLogits(expected, tensor([2, 2], [1, 2.5, 8, 0]))).toEqual({
      images: 2,
      largestRelativeDifference: 0.0625,
      topOneAgreement: 1,
    });
    expect(compareLogits(expected, tensor([2, 2], [3, 2, 8, 0])).topOneAgreement).toBe(0.5);
  });
});

describe('precisionDeparture', () => {
  it('is nothing for float32, and something small for float16', async () => {
    const { bound } = exportCase(zooEntry('DARTS_V2').genotype);
    expect(await precisionDeparture(bound, 'float32')).toEqual({
      images: 8,
      largestRelativeDifference: 0,
      topOneAgreement: 1,
    });
    const half = await precisionDeparture(bound, 'float16');
    expect(half.largestRelativeDifference).toBeGreaterThan(1e-6);
    expect(half.largestRelativeDifference).toBeLessThan(2e-2);
    const single = exportCase(zooEntry('DARTS_V2').genotype, { batch: 1 });
    expect((await precisionDeparture(single.bound, 'float16')).images).toBe(1);
  });
});
