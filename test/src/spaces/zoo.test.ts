import { describe, expect, it } from 'vitest';
import { parseAnyGenotype, parseRecurrentGenotype } from '../../../src/spaces/parse.js';
import { printAnyGenotype } from '../../../src/spaces/print.js';
import { anyZooEntry, recurrentZooEntry, ZOO, zooEntry } from '../../../src/spaces/zoo.js';

/** As the released code has them, to the letter. */
const RECURRENT = `
V1 = Genotype(recurrent=[('relu', 0), ('relu', 1), ('tanh', 2), ('relu', 3), ('relu', 4), ('identity', 1), ('relu', 5), ('relu', 1)], concat=range(1, 9))
V2 = Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('relu', 1), ('identity', 1), ('tanh', 2), ('sigmoid', 5), ('tanh', 3), ('relu', 5)], concat=range(1, 9))
ENAS = Genotype(
    recurrent = [
        ('tanh', 0),
        ('tanh', 1),
        ('relu', 1),
        ('tanh', 3),
        ('tanh', 3),
        ('relu', 3),
        ('relu', 4),
        ('relu', 7),
        ('relu', 8),
        ('relu', 8),
        ('relu', 8),
    ],
    concat = [2, 5, 6, 9, 10, 11]
)
DARTS = V2
`;

describe('the zoo', () => {
  it('prints to texts that give it back, and finds its entries in lower case', () => {
    expect(ZOO.map(({ name, kind }) => [name, kind])).toEqual([
      ['DARTS_V2', 'convolutional'],
      ['DATA_M4', 'convolutional'],
      ['DATA_M7', 'convolutional'],
      ['DARTS_V1_RNN', 'recurrent'],
      ['DARTS_V2_RNN', 'recurrent'],
      ['ENAS_RNN', 'recurrent'],
    ]);
    for (const entry of ZOO) {
      const { kind, genotype } = entry;
      expect(parseAnyGenotype(printAnyGenotype(entry, entry.name))).toEqual({ kind, genotype });
      expect(anyZooEntry(entry.name.toLowerCase())).toBe(entry);
      expect(entry.source).toMatch(/genotypes\.py/);
    }
  });

  it('has the recurrent genotypes that were released', () => {
    for (const [name, released] of [
      ['DARTS_V1_RNN', 'V1'],
      ['DARTS_V2_RNN', 'DARTS'],
      ['ENAS_RNN', 'ENAS'],
    ] as const) {
      const expected = parseRecurrentGenotype(RECURRENT, { name: released });
      expect(recurrentZooEntry(name).genotype).toEqual(expected);
    }
  });

  it('says which names there are, and of which kind a genotype is that is of the other', () => {
    expect(() => anyZooEntry('NASNET')).toThrow(/DARTS_V2, DATA_M4, DATA_M7, DARTS_V1_RNN[\s\S]*"NASNET"/);
    expect(() => zooEntry('DARTS_V1')).toThrow(/no genotype of this name/);
    expect(() => zooEntry('enas_rnn')).toThrow(/This is a recurrent genotype\.\n +where: +ENAS_RNN/);
    expect(() => recurrentZooEntry('data_m4')).toThrow(
      /This is a convolutional genotype\.\n +where: +DATA_M4/,
    );
    expect(zooEntry('data_m4').genotype.normal.nodes).toHaveLength(4);
  });
});
