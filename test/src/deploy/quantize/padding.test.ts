import { describe, expect, it } from 'vitest';
import { paddingWarning } from '../../../../src/deploy/quantize/padding.js';

describe('paddingWarning', () => {
  const ofRatio = (ratio: number) => ({ path: 'm.onnx', macs: { needed: 1000, padded: 1000 * ratio } });

  it.each([
    // DARTS_V2 of 8 and 12 channels.
    [1.73, '1.7 times'],
    [1.487, '1.5 times'],
  ])('refuses %d times the work, and says so where it is wanted all the same', (ratio, said) => {
    expect(() => paddingWarning(ofRatio(ratio), false)).toThrow(said);
    expect(paddingWarning(ofRatio(ratio), true)).toContain(said);
  });

  // DARTS_V2 of 36 channels, and one that fills its blocks.
  it.each([1.316, 1])('says nothing of %d times the work', (ratio) => {
    expect(paddingWarning(ofRatio(ratio), false)).toBeUndefined();
  });

  it('says nothing of a model whose maps were not padded', () => {
    expect(paddingWarning({ path: 'm.onnx', macs: undefined }, false)).toBeUndefined();
  });
});
