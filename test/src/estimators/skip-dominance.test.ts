import { describe, expect, it } from 'vitest';
import { skipsDominate } from '../../../src/estimators/skip-dominance.js';
import {
  type ConvolutionalGenotype,
  type ConvolutionalOperation,
  DARTS_SPACE,
} from '../../../src/spaces/convolutional.js';
import type { GenotypeEntry } from '../../../src/spaces/genotype.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { oneCellSpace } from '../spaces/arbitrary.js';

type Entry = GenotypeEntry<ConvolutionalOperation>;

const dominates = (found: ConvolutionalGenotype) => skipsDominate(found, DARTS_SPACE);

const conv = (input: number): Entry => ({ primitive: 'sep_conv_3x3', input });
const skip = (input: number): Entry => ({ primitive: 'skip_connect', input });

function genotype(normal: readonly (readonly Entry[])[]): ConvolutionalGenotype {
  const reduce = { nodes: [[skip(0), skip(1)]], concat: [2] };
  return { normal: { nodes: normal, concat: normal.map((_, node) => node + 2) }, reduce };
}

describe('skipsDominate', () => {
  it('stops at two skips in the normal cell, whatever the reduction cell has', () => {
    expect(dominates(genotype([[conv(0), conv(1)]]))).toBe(false);
    expect(
      dominates(
        genotype([
          [conv(0), skip(1)],
          [conv(0), conv(1)],
        ]),
      ),
    ).toBe(false);
    expect(
      dominates(
        genotype([
          [conv(0), skip(1)],
          [skip(0), conv(1)],
        ]),
      ),
    ).toBe(true);
    expect(dominates(genotype([[skip(0), skip(1)], [skip(0)]]))).toBe(true);
  });

  it('stops at the genotype of DARTS, which has two', () => {
    expect(dominates(zooEntry('DARTS_V2').genotype)).toBe(true);
  });

  it('refuses genotypes with more than two operations a node', () => {
    expect(() => dominates(genotype([[conv(0)], [conv(0), conv(1), conv(2)]]))).toThrow(
      /fixed number of operations a node.*normal cell, node 1.*at most 2 operations.*found: +3.*switch it off/s,
    );
  });

  it('looks at the cell types that say at how many skips it stops, whatever their name', () => {
    const space = oneCellSpace({ nodes: 1, primitives: ['identity', 'relu'] });
    const [cell] = space.cellTypes;
    const read = (stoppingSkips?: number) => ({
      ...space,
      cellTypes: [
        {
          ...cell!,
          derivation: {
            kept: 2,
            skip: 'identity',
            ...(stoppingSkips === undefined ? {} : { stoppingSkips }),
          } as const,
        },
      ],
    });
    const twoSkips = {
      cell: {
        nodes: [
          [
            { primitive: 'identity', input: 0 },
            { primitive: 'identity', input: 1 },
          ],
        ],
        concat: [2],
      },
    };
    expect([undefined, 1, 2, 3].map((at) => skipsDominate(twoSkips, read(at)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
