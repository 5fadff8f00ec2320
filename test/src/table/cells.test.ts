import { describe, expect, it } from 'vitest';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { ONE_CELL_SPACE } from '../../../src/spaces/one-cell.js';
import { recurrentSpace } from '../../../src/spaces/recurrent.js';
import { architectureOf, tableCells } from '../../../src/table/cells.js';
import { CHAIN } from '../../extension/spaces.js';

const cells = tableCells(ONE_CELL_SPACE);

describe('the cells of the space of a single cell', () => {
  it('are 512 codes, 399 networks, and 15 codes without a path', () => {
    expect(cells.reduce((sum, { codes }) => sum + codes, 0)).toBe(512);
    // e01 and e12 both open: 7 * 7 * 8; else only e02 counts, which is open: 7.
    expect(cells.filter(({ genotype }) => genotype !== undefined)).toHaveLength(7 * 7 * 8 + 7);
    const [empty, ...others] = cells.filter(({ genotype }) => genotype === undefined);
    expect(others).toEqual([]);
    // e02 closed, and e01 or e12 as well: 64 - 49.
    expect(empty).toEqual({ architecture: '|none~0|+|none~0|none~1|', codes: 15 });
  });

  it('have names of their own, and genotypes that lead back to them and lie in the space', () => {
    expect(new Set(cells.map(({ architecture }) => architecture)).size).toBe(cells.length);
    for (const { architecture, genotype } of cells) {
      if (genotype === undefined) continue;
      expect(architectureOf(ONE_CELL_SPACE, genotype)).toBe(architecture);
      expect(genotype.cell.nodes.every((node) => node.length > 0)).toBe(true);
      expect(() => codeOfGenotype(genotype, ONE_CELL_SPACE)).not.toThrow();
    }
  });

  it('hold whatever is drawn from the space', () => {
    const known = new Set(cells.map(({ architecture }) => architecture));
    const stream = openStream(1, 'genotype');
    for (let draw = 0; draw < 50; draw++) {
      const genotype = sampleGenotype(ONE_CELL_SPACE, stream, { kind: 'codes', operationsPerNode: 6 });
      expect(known).toContain(architectureOf(ONE_CELL_SPACE, genotype));
    }
  });

  it('are named as they are drawn', () => {
    const genotype = {
      cell: {
        nodes: [
          [{ primitive: 'sep_conv_3x3', input: 0 } as const],
          [
            { primitive: 'avg_pool_3x3', input: 1 } as const,
            { primitive: 'skip_connect', input: 1 } as const,
          ],
        ],
        concat: [2],
      },
    };
    expect(architectureOf(ONE_CELL_SPACE, genotype)).toBe(
      '|sep_conv_3x3~0|+|none~0|skip_connect~1|avg_pool_3x3~1|',
    );
  });
});

describe('the cells of other spaces', () => {
  it('of several nodes in the output are networks where every node has something', () => {
    const space = recurrentSpace('two', { nodes: 2, primitives: ['none', 'tanh', 'relu'] });
    const found = tableCells(space);
    // Node 0 has one edge, which is open: 3; node 1 has two, of which one is: 15.
    expect(found.filter(({ genotype }) => genotype !== undefined)).toHaveLength(3 * 15);
    expect(found.reduce((sum, { codes }) => sum + codes, 0)).toBe(64);
  });

  it('are refused where there are too many', () => {
    expect(() => tableCells(DARTS_SPACE)).toThrow(/at most 16 operations[\s\S]*found: {4}196/);
    expect(() => tableCells(CHAIN)).toThrow(/40/);
  });
});
