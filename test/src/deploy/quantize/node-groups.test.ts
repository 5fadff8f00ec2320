import { describe, expect, it } from 'vitest';
import { excluder, groupOf } from '../../../../src/deploy/quantize/node-groups.js';

describe('groupOf', () => {
  it.each([
    ['cells.3/node2/5.sep_conv_3x3@1/first/depthwise/Conv', 'cells.3/node2/5.sep_conv_3x3@1'],
    ['cells.0/preprocess0/pointwise/Conv', 'cells.0/preprocess0/pointwise'],
    ['stem/conv/Conv', 'stem/conv'],
    ['/layer1/layer1.0/conv1/Conv', '/layer1/layer1.0/conv1'],
    ['/conv1/Conv', '/conv1'],
    ['/Conv', '/Conv'],
    ['Conv_12', 'Conv_12'],
  ])('%s belongs to %s', (name, group) => {
    expect(groupOf({ name })).toBe(group);
  });

  it('takes the output where there is no name', () => {
    expect(groupOf({ name: '', output: ['431'] })).toBe('431');
  });
});

describe('excluder', () => {
  const nodes = ['stem/conv/Conv', 'cells.1/a/Conv', 'cells.10/a/Conv', 'cells.2/b/Add'].map((name) => ({
    name,
  }));
  const excludedBy = (...patterns: string[]) =>
    nodes.filter(excluder(patterns, nodes)).map(({ name }) => name);

  it('takes names, their beginnings, and patterns', () => {
    expect(excludedBy()).toEqual([]);
    expect(excludedBy('stem/conv/Conv')).toEqual(['stem/conv/Conv']);
    expect(excludedBy('cells.1')).toEqual(['cells.1/a/Conv']);
    expect(excludedBy('cells.*/a', 'stem')).toEqual(['stem/conv/Conv', 'cells.1/a/Conv', 'cells.10/a/Conv']);
    expect(excludedBy('*/Add')).toEqual(['cells.2/b/Add']);
  });

  it('refuses a pattern that means no node', () => {
    expect(() => excludedBy('stem', 'cellsX1')).toThrow(/cellsX1/);
    expect(() => excludedBy('cell')).toThrow(/no such node/);
  });
});
