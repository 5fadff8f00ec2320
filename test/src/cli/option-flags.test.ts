import { describe, expect, it } from 'vitest';
import { withFlags } from '../../../src/cli/option-flags.js';

describe('withFlags', () => {
  it.each([
    ['Choose fewer `threads`.', 'Choose fewer --threads.'],
    ['Pass `initChannels` 8 or `weights.learningRate` 0.1.', 'Pass --channels 8 or --lr 0.1.'],
    ['Ask for `auxiliary`, or pass `auxiliary` false.', 'Ask for --auxiliary, or pass --no-auxiliary.'],
    [
      'A genotype lists operations, and `none` is not one.',
      'A genotype lists operations, and `none` is not one.',
    ],
    ['Run `npm install threads`.', 'Run `npm install threads`.'],
  ])('turns %s into %s', (text, expected) => {
    expect(withFlags(text)).toBe(expected);
  });
});
