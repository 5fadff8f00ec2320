import { describe, expect, it } from 'vitest';
import { skipsDominate } from '../../../src/estimators/skip-dominance.js';
import type { Genotype, GenotypeEntry } from '../../../src/spaces/genotype.js';
import { zooEntry } from '../../../src/spaces/zoo.js';

const conv = (input: number): GenotypeEntry => ({ primitive: 'sep_conv_3x3', input });
const skip = (input: number): GenotypeEntry => ({ primitive: 'skip_connect', input });

function genotype(normal: readonly (readonly GenotypeEntry[])[]): Genotype {
  const reduce = { nodes: [[skip(0), skip(1)]], concat: [2] };
  return { normal: { nodes: normal, concat: normal.map((_, node) => node + 2) }, reduce };
}

describe('skipsDominate', () => {
  it('stops at two skips in the normal cell, whatever the reduction cell has', () => {
    expect(skipsDominate(genotype([[conv(0), conv(1)]]))).toBe(false);
    expect(
      skipsDominate(
        genotype([
          [conv(0), skip(1)],
          [conv(0), conv(1)],
        ]),
      ),
    ).toBe(false);
    expect(
      skipsDominate(
        genotype([
          [conv(0), skip(1)],
          [skip(0), conv(1)],
        ]),
      ),
    ).toBe(true);
    expect(skipsDominate(genotype([[skip(0), skip(1)], [skip(0)]]))).toBe(true);
  });

  it('stops at the genotype of DARTS, which has two', () => {
    expect(skipsDominate(zooEntry('DARTS_V2').genotype)).toBe(true);
  });

  it('refuses genotypes with more than two operations a node', () => {
    expect(() => skipsDominate(genotype([[conv(0)], [conv(0), conv(1), conv(2)]]))).toThrow(
      /two operations a node.*normal cell, node 1.*at most 2 operations.*found: +3.*switch it off/s,
    );
  });
});
