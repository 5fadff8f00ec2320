import { describe, expect, it } from 'vitest';
import { isArchitecture, parseArchitecture } from '../../../src/spaces/architecture.js';
import { ONE_CELL_SPACE } from '../../../src/spaces/one-cell.js';
import { architectureOf, tableCells } from '../../../src/table/cells.js';

describe('parseArchitecture', () => {
  it('reads what tables write, of every network of the space', () => {
    for (const { architecture, genotype } of tableCells(ONE_CELL_SPACE)) {
      expect(isArchitecture(architecture)).toBe(true);
      if (genotype === undefined) {
        expect(() => parseArchitecture(architecture)).toThrow();
        continue;
      }
      const read = parseArchitecture(architecture);
      expect(architectureOf(ONE_CELL_SPACE, read)).toBe(architecture);
      expect(read.cell.nodes.every((node) => node.length > 0)).toBe(true);
    }
  });

  it.each([
    ['|sep_conv_3x3~0|+skip_connect~1|', 'genotype-syntax', 'a:1:18'],
    ['|sep_conv_3x4~0|', 'unknown-primitive', 'a:1:1'],
    ['|sep_conv_3x3|', 'unknown-primitive', 'a:1:1'],
    ['|skip_connect~0|+|skip_connect~2|', 'node-out-of-range', 'a:1:18'],
    ['|skip_connect~0|+|none~0|none~1|', 'genotype-syntax', 'a:1:1'],
    ['|none~0|+|sep_conv_3x3~0|skip_connect~1|', 'genotype-syntax', 'a:1:1'],
    ['|', 'genotype-syntax', 'a:1:1'],
  ])('refuses %s, and says where', (text, code, where) => {
    expect(() => parseArchitecture(text, 'a')).toThrow(expect.objectContaining({ code }));
    expect(() => parseArchitecture(text, 'a')).toThrow(where);
  });

  it('says which operation may be meant', () => {
    expect(() => parseArchitecture('|sep_conv_3x4~0|')).toThrow('sep_conv_3x3');
  });
});
