import { expect, it } from 'vitest';
import {
  languagePaperSizes,
  recurrentParameterCount,
} from '../../../../src/networks/recurrent/parameter-count.js';
import { RECURRENT_ZOO } from '../../../../src/spaces/zoo-recurrent.js';

it('has as many as the released models, on both texts', () => {
  const counts = RECURRENT_ZOO.map(({ name, genotype }) => {
    const nodes = genotype.recurrent.nodes.length;
    return [
      name,
      ...Object.values(languagePaperSizes).map((sizes) => recurrentParameterCount({ ...sizes, nodes })),
    ];
  });
  expect(counts).toEqual([
    ['DARTS_V1_RNN', 22_960_000, 33_127_878],
    ['DARTS_V2_RNN', 22_960_000, 33_127_878],
    ['ENAS_RNN', 27_295_000, 36_067_878],
  ]);
  // The shared weights of a search on Penn Treebank.
  expect(recurrentParameterCount({ words: 10_000, width: 300, nodes: 8 })).toBe(4_810_000);
});

it('counts every tensor of a small model', () => {
  const [table, bias, first, each] = [7 * 3, 7, 6 * 6, 3 * 6];
  expect(recurrentParameterCount({ words: 7, width: 3, nodes: 2 })).toBe(table + bias + first + 2 * each);
});
