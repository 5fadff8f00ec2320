import { describe, expect, it } from 'vitest';
import {
  isPrimitive,
  nearestPrimitive,
  PRIMITIVES,
  SEARCH_PRIMITIVES,
} from '../../../src/spaces/primitives.js';

describe('primitives', () => {
  it('are those of DARTS, in its order, and two more', () => {
    expect(SEARCH_PRIMITIVES).toHaveLength(8);
    expect(SEARCH_PRIMITIVES[0]).toBe('none');
    expect(PRIMITIVES).toHaveLength(10);
    expect(isPrimitive('conv_7x1_1x7')).toBe(true);
    expect(isPrimitive('toString')).toBe(false);
  });

  it('finds the nearest to a misspelt one', () => {
    expect(nearestPrimitive('sep_conv3x3')).toBe('sep_conv_3x3');
    expect(nearestPrimitive('Skip_Conect')).toBe('skip_connect');
    expect(nearestPrimitive('maxpool_3x3')).toBe('max_pool_3x3');
    expect(nearestPrimitive('dill_conv_5x5')).toBe('dil_conv_5x5');
    for (const primitive of PRIMITIVES) expect(nearestPrimitive(primitive)).toBe(primitive);
    expect(PRIMITIVES).toContain(nearestPrimitive('x'.repeat(1e6)));
  });
});
