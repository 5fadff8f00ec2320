// Recurrent genotypes that are known by name, as their authors released them.
import type { RecurrentGenotype, RecurrentOperation } from './recurrent.js';
import type { RecurrentZooEntry } from './zoo.js';

type Pair = readonly [RecurrentOperation, number];

/** A cell of one operation a node, `pairs[n]` for node n + 1; its output are `concat`, or else all nodes. */
function cell(pairs: readonly Pair[], concat = pairs.map((_, node) => node + 1)): RecurrentGenotype {
  return { recurrent: { nodes: pairs.map(([primitive, input]) => [{ primitive, input }]), concat } };
}

const DARTS = 'Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", 2019';

/** The recurrent genotypes that are known by name. */
// biome-ignore format: as the cells are read
export const RECURRENT_ZOO: readonly RecurrentZooEntry[] = [
  {
    name: 'DARTS_V1_RNN',
    kind: 'recurrent',
    genotype: cell([
      ['relu', 0], ['relu', 1], ['tanh', 2], ['relu', 3],
      ['relu', 4], ['identity', 1], ['relu', 5], ['relu', 1],
    ]),
    source: `${DARTS}, first order, on Penn Treebank; quark0/darts rnn/genotypes.py (DARTS_V1)`,
  },
  {
    name: 'DARTS_V2_RNN',
    kind: 'recurrent',
    genotype: cell([
      ['sigmoid', 0], ['relu', 1], ['relu', 1], ['identity', 1],
      ['tanh', 2], ['sigmoid', 5], ['tanh', 3], ['relu', 5],
    ]),
    source: `${DARTS}, second order, on Penn Treebank; quark0/darts rnn/genotypes.py (DARTS_V2)`,
  },
  {
    name: 'ENAS_RNN',
    kind: 'recurrent',
    genotype: cell(
      [
        ['tanh', 0], ['tanh', 1], ['relu', 1], ['tanh', 3], ['tanh', 3], ['relu', 3],
        ['relu', 4], ['relu', 7], ['relu', 8], ['relu', 8], ['relu', 8],
      ],
      [2, 5, 6, 9, 10, 11],
    ),
    source:
      'Pham et al., "Efficient Neural Architecture Search via Parameter Sharing", 2018; quark0/darts rnn/genotypes.py (ENAS)',
    note: '11 nodes; the output is the mean of those that no other node reads.',
  },
];
