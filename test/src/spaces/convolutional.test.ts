import { describe, expect, it } from 'vitest';
import {
  CONVOLUTIONAL_FORM,
  convolutionalSpace,
  DARTS_SPACE,
  isPrimitive,
  PRIMITIVES,
  SEARCH_PRIMITIVES,
} from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';

describe('convolutional spaces', () => {
  it('have the primitives of DARTS, in its order, and genotypes two more', () => {
    expect(SEARCH_PRIMITIVES).toHaveLength(8);
    expect(SEARCH_PRIMITIVES[0]).toBe('none');
    expect(PRIMITIVES).toHaveLength(10);
    expect(isPrimitive('conv_7x1_1x7')).toBe(true);
    expect(isPrimitive('toString')).toBe(false);
  });

  it('have a normal cell, then a reduction cell, each with two inputs and two operations a node', () => {
    for (const { cellTypes } of [DARTS_SPACE, CONVOLUTIONAL_FORM]) {
      expect(cellTypes.map(({ name, inputs }) => [name, inputs])).toEqual([
        ['normal', 2],
        ['reduce', 2],
      ]);
      expect(cellTypes.map(({ derivation }) => derivation)).toEqual([
        { kept: 2, skip: 'skip_connect', stoppingSkips: 2 },
        { kept: 2, skip: 'skip_connect' },
      ]);
    }
    expect(entryCount(DARTS_SPACE)).toBe(2 * 14 * 8);
    expect(entryCount(convolutionalSpace('small', { nodes: 1, primitives: ['skip_connect'] }))).toBe(4);
  });
});
