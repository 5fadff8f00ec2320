import { describe, expect, it } from 'vitest';
import { paddingWarning } from '../../../../src/deploy/quantize/padding.js';

describe('paddingWarning', () => {
  it.each([
    // DARTS_V2 of 8, 12 and 36 channels.
    [1.73, '1.7 times'],
    [1.487, '1.5 times'],
    [1.316, undefined],
    [1, undefined],
  ])('of %d times the work says %s', (ratio, said) => {
    const warning = paddingWarning({ needed: 1000, padded: 1000 * ratio });
    if (said === undefined) expect(warning).toBeUndefined();
    else expect(warning).toContain(said);
  });

  it('says nothing of a model whose maps were not padded', () => {
    expect(paddingWarning(undefined)).toBeUndefined();
  });
});
