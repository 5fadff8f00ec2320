import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/nearest-name.js';
import { PRIMITIVES } from '../../src/spaces/convolutional.js';

describe('nearestName', () => {
  it('finds the nearest to a misspelt one', () => {
    const nearest = (name: string) => nearestName(name, PRIMITIVES);
    expect(nearest('sep_conv3x3')).toBe('sep_conv_3x3');
    expect(nearest('Skip_Conect')).toBe('skip_connect');
    expect(nearest('maxpool_3x3')).toBe('max_pool_3x3');
    expect(nearest('dill_conv_5x5')).toBe('dil_conv_5x5');
    for (const primitive of PRIMITIVES) expect(nearest(primitive)).toBe(primitive);
    expect(PRIMITIVES).toContain(nearest('x'.repeat(1e6)));
    expect(nearestName('anything', [])).toBeUndefined();
  });
});
