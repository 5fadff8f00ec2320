import { describe, expect, it } from 'vitest';
import { skipsDominate } from '../../../src/estimators/skip-dominance.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { countSkips } from '../../../src/spaces/describe.js';
import { fullGenotype } from '../../../src/spaces/full-genotype.js';
import {
  RECURRENT_FORM,
  RECURRENT_PRIMITIVES,
  RECURRENT_SPACE,
  type RecurrentGenotype,
  recurrentSpace,
} from '../../../src/spaces/recurrent.js';
import { edgeIndex, entryCount, nodeStates } from '../../../src/spaces/search-space.js';

const [cell] = RECURRENT_SPACE.cellTypes;

describe('recurrent spaces', () => {
  it('have one cell, s_0 for its input, and one operation a node', () => {
    for (const { cellTypes } of [RECURRENT_SPACE, RECURRENT_FORM]) {
      expect(cellTypes).toHaveLength(1);
      expect(cellTypes[0]).toMatchObject({ name: 'recurrent', inputs: 1, derivation: { kept: 1 } });
      expect(cellTypes[0]?.primitives).toEqual(['none', 'tanh', 'relu', 'sigmoid', 'identity']);
    }
    expect(RECURRENT_FORM.cellTypes[0]?.nodes).toBeUndefined();
    expect(recurrentSpace('small', { nodes: 2, primitives: ['tanh', 'none'] }).cellTypes[0]).toMatchObject({
      nodes: 2,
      primitives: ['tanh', 'none'],
    });
  });

  it('are numbered as DARTS numbers them: edge (i, j) is row i (i - 1) / 2 + j, and 1 to 8 are the output', () => {
    expect(entryCount(RECURRENT_SPACE)).toBe(36 * 5);
    for (let i = 1; i <= 8; i++) {
      for (let j = 0; j < i; j++) expect(edgeIndex(cell!, i - 1, j)).toBe((i * (i - 1)) / 2 + j);
    }
    expect(nodeStates(cell!)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const { recurrent } = fullGenotype(RECURRENT_SPACE);
    expect(recurrent.concat).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(recurrent.nodes.map(({ length }) => length)).toEqual([4, 8, 12, 16, 20, 24, 28, 32]);
  });

  it('have no skip, since identity is gated and weighed as the other activations are', () => {
    const linear: RecurrentGenotype = {
      recurrent: {
        nodes: nodeStates(cell!).map((state) => [{ primitive: 'identity', input: state - 1 }]),
        concat: nodeStates(cell!),
      },
    };
    expect(countSkips(linear, RECURRENT_SPACE)).toEqual({});
    expect(skipsDominate(linear, RECURRENT_SPACE)).toBe(false);
    // Several operations a node are none of the rule's business either.
    expect(skipsDominate(fullGenotype(RECURRENT_SPACE), RECURRENT_SPACE)).toBe(false);
  });

  it('code a genotype at [row][column], but none that counts s_0 in', () => {
    const space = recurrentSpace('two', { nodes: 2, primitives: RECURRENT_PRIMITIVES });
    const coded = (concat: readonly number[]) => {
      const nodes = [
        [{ primitive: 'relu', input: 0 }],
        [
          { primitive: 'tanh', input: 0 },
          { primitive: 'identity', input: 1 },
        ],
      ] as const;
      return codeOfGenotype({ recurrent: { nodes, concat } }, space);
    };
    const code = coded([1, 2]);
    expect([...code.keys()].filter((entry) => code[entry] === 1)).toEqual([2, 5 + 1, 10 + 4]);
    expect(() => coded([0, 1, 2])).toThrow(/concatenated/);
  });
});
