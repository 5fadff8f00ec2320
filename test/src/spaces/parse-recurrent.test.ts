import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../../src/errors.js';
import { requireConvolutional, requireRecurrent } from '../../../src/spaces/kinds.js';
import { parseAnyGenotype, parseGenotype, parseRecurrentGenotype } from '../../../src/spaces/parse.js';
import {
  printAnyGenotype,
  printGenotype,
  printRecurrentGenotype,
  toJson,
} from '../../../src/spaces/print.js';
import type { RecurrentGenotype, RecurrentOperation } from '../../../src/spaces/recurrent.js';
import { anyGenotypes, genotypes, recurrentGenotypes } from './arbitrary.js';

const FLAT = "Genotype(recurrent=[('sigmoid', 0), ('relu', 1), ('identity', 1)], concat=range(1, 4))";
const LISTS = "Genotype(recurrent=[[('tanh', 0), ('relu', 0)], [('identity', 1)]], concat=[2])";
const IMAGES =
  "Genotype(normal=[('skip_connect', 0), ('skip_connect', 1)], normal_concat=[2], reduce=[[('skip_connect', 0)]], reduce_concat=[2])";

type Pair = readonly [RecurrentOperation, number];

function cell(nodes: readonly (readonly Pair[])[], concat: readonly number[]): RecurrentGenotype {
  return {
    recurrent: {
      nodes: nodes.map((node) => node.map(([primitive, input]) => ({ primitive, input }))),
      concat,
    },
  };
}

const flat = cell([[['sigmoid', 0]], [['relu', 1]], [['identity', 1]]], [1, 2, 3]);

/** The error of `read`. */
function failure(read: () => unknown): GenonnxError {
  try {
    read();
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('read');
}

describe('parseRecurrentGenotype', () => {
  it('reads both forms, where pair n is node n + 1 and reads states from s_0 on, and prints them to the letter', () => {
    expect(parseRecurrentGenotype(FLAT)).toEqual(flat);
    const lists = cell(
      [
        [
          ['tanh', 0],
          ['relu', 0],
        ],
        [['identity', 1]],
      ],
      [2],
    );
    expect(parseRecurrentGenotype(LISTS)).toEqual(lists);
    for (const text of [FLAT, LISTS]) expect(printRecurrentGenotype(parseRecurrentGenotype(text))).toBe(text);
  });

  it('reads the states as a range, a list or a tuple, s_0 among them', () => {
    const states = (concat: string): readonly number[] =>
      parseRecurrentGenotype(FLAT.replace('range(1, 4)', concat)).recurrent.concat;
    expect(states('range(4)')).toEqual([0, 1, 2, 3]);
    expect(states('range(1, 4, 2)')).toEqual([1, 3]);
    expect(states('[0, 3]')).toEqual([0, 3]);
    expect(states('(3,)')).toEqual([3]);
    expect(states('list(range(2, 4))')).toEqual([2, 3]);
  });

  it('writes a range for all nodes in order, and a list for anything else', () => {
    const written = (concat: readonly number[]): string | undefined =>
      printRecurrentGenotype({ recurrent: { ...flat.recurrent, concat } }).match(/concat=(.*)\)$/)?.[1];
    expect(written([1, 2, 3])).toBe('range(1, 4)');
    expect(
      [
        [0, 1, 2, 3],
        [1, 2],
        [3, 2, 1],
        [2, 3],
      ].map(written),
    ).toEqual(['[0, 1, 2, 3]', '[1, 2]', '[3, 2, 1]', '[2, 3]']);
  });

  it('is undone by printing, as Python, as JSON and with a name', () => {
    fc.assert(
      fc.property(recurrentGenotypes, (genotype) => {
        expect(parseRecurrentGenotype(printRecurrentGenotype(genotype))).toEqual(genotype);
        const named = printRecurrentGenotype(genotype, 'PTB');
        expect(parseRecurrentGenotype(named, { name: 'PTB' })).toEqual(genotype);
        expect(parseRecurrentGenotype(JSON.stringify(toJson(genotype)))).toEqual(genotype);
        expect(Object.keys(toJson(genotype))).toEqual(['recurrent', 'concat']);
      }),
      { numRuns: 200 },
    );
  });

  it('reads arguments by position, JSON with a pair a node, and one assignment of a file with both kinds', () => {
    expect(parseRecurrentGenotype(FLAT.replace(/\w+=/g, ''))).toEqual(flat);
    const json = '{"recurrent": [["sigmoid", 0], ["relu", 1], ["identity", 1]], "concat": [1, 2, 3]}';
    expect(parseRecurrentGenotype(json)).toEqual(flat);
    const file = `import torch\nCNN = ${IMAGES}\nENAS = ${LISTS}\nPTB = ${FLAT}\nBEST = PTB\n`;
    expect(parseRecurrentGenotype(file, { name: 'BEST' })).toEqual(flat);
    expect(parseAnyGenotype(file, { name: 'CNN' }).kind).toBe('convolutional');
    expect(failure(() => parseAnyGenotype(file)).message).toMatch(/CNN, ENAS, PTB/);
  });

  const of = (nodes: string, concat = '[1]') => `Genotype(recurrent=${nodes}, concat=${concat})`;
  it.each([
    [
      'an unknown primitive',
      of("[('gelu', 0)]"),
      'unknown-primitive',
      '1:22',
      /tanh, relu, sigmoid, identity/,
    ],
    ['a primitive of images', of("[('skip_connect', 0)]"), 'unknown-primitive', '1:22', /no primitive/],
    ['none', of("[('none', 0)]"), 'genotype-syntax', '1:22', /`none` is not one/],
    ['a state that comes later', of("[('relu', 0), ('relu', 2)]"), 'node-out-of-range', '1:43', /0 to 1/],
    ['a negative state', of("[('relu', -1)]"), 'node-out-of-range', '1:30', /0 to 0/],
    ['a state that is no node', of("[('relu', 0)]", '[2]'), 'node-out-of-range', undefined, /states 0 to 1/],
    ['a range too far', of("[('relu', 0)]", 'range(1, 9)'), 'node-out-of-range', undefined, /State 2 cannot/],
    ['a state twice', of("[('relu', 0)]", '[1, 1]'), 'genotype-syntax', undefined, /twice/],
    ['no state', of("[('relu', 0)]", '[]'), 'genotype-syntax', undefined, /No state/],
    ['an empty node', of("[[('relu', 0)], []]"), 'genotype-syntax', '1:36', /Node 1 has no operation/],
    ['no nodes', of('[]'), 'genotype-syntax', '1:20', /no nodes/],
    ['both forms at once', of("[('relu', 0), [('relu', 0)]]"), 'genotype-syntax', '1:34', /not a pair/],
    [
      'states under another name',
      "Genotype(recurrent=[('relu', 0)], recurrent_concat=[1])",
      'genotype-syntax',
      '1:35',
      /recurrent, concat/,
    ],
    ['no states', "Genotype(recurrent=[('relu', 0)])", 'genotype-syntax', '1:1', /Add concat/],
    ['nothing', '', 'genotype-syntax', '1:1', /Genotype\(recurrent=\[\.\.\.\], concat=\[\.\.\.\]\)/],
  ])('refuses %s', (_, text, code, where, message) => {
    const error = failure(() => parseRecurrentGenotype(text));
    expect(error.code).toBe(code);
    if (where !== undefined) expect(error.details.where).toBe(where);
    expect(error.message).toMatch(message);
    // As the reader of either kind says it.
    if (text !== '') expect(failure(() => parseAnyGenotype(text)).message).toBe(error.message);
  });
});

describe('parseAnyGenotype', () => {
  it('knows the kind by the fields, named or not, in either direction', () => {
    fc.assert(
      fc.property(anyGenotypes, (found) => {
        const text = printAnyGenotype(found);
        expect(parseAnyGenotype(text)).toEqual(found);
        expect(parseAnyGenotype(printAnyGenotype(found, 'A'), { name: 'A' })).toEqual(found);
        expect(parseAnyGenotype(text.replace(/\w+=/g, ''))).toEqual(found);
        expect(parseAnyGenotype(JSON.stringify(toJson(found.genotype)))).toEqual(found);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['fields of none', 'Genotype(block=[], block_concat=[])', /found: +block, block_concat/],
    ['fields of both', 'Genotype(normal=[], concat=[])', /found: +normal, concat/],
    ['three arguments', 'Genotype(1, 2, 3)', /found: +3 arguments/],
    ['no argument', '{}', /found: +0 arguments/],
  ])('refuses %s and names all kinds', (_, text, found) => {
    const error = failure(() => parseAnyGenotype(text, { source: 'mine.py' }));
    expect(error.code).toBe('genotype-syntax');
    expect(error.details.where).toBe('mine.py:1:1');
    expect(error.message).toMatch(found);
    expect(error.details.expected).toBe(
      'convolutional: normal, normal_concat, reduce, reduce_concat; or recurrent: recurrent, concat; or one-cell: cell, cell_concat',
    );
  });

  it('says what they look like where there is none', () => {
    expect(failure(() => parseAnyGenotype('hello')).details.expected).toBe(
      'Genotype(normal=[...], normal_concat=[...], reduce=[...], reduce_concat=[...]) or Genotype(recurrent=[...], concat=[...]) or Genotype(cell=[...], cell_concat=[...])',
    );
  });
});

describe('a genotype of the other kind', () => {
  it('is refused by whoever needs the one, and told what takes it', () => {
    fc.assert(
      fc.property(genotypes, recurrentGenotypes, (images, words) => {
        for (const read of [
          () => parseGenotype(printRecurrentGenotype(words)),
          () => requireConvolutional({ kind: 'recurrent', genotype: words }),
        ]) {
          const { code, summary, details } = failure(read);
          expect([code, summary]).toEqual(['genotype-kind', 'This is a recurrent genotype.']);
          expect(details.cure).toBe(
            'Give a convolutional genotype, such as DARTS_V2; recurrent ones are for language models.',
          );
        }
        for (const read of [
          () => parseRecurrentGenotype(printGenotype(images)),
          () => requireRecurrent({ kind: 'convolutional', genotype: images }),
        ]) {
          const { code, summary, details } = failure(read);
          expect([code, summary]).toEqual(['genotype-kind', 'This is a convolutional genotype.']);
          expect(details.cure).toBe(
            'Give a recurrent genotype, such as DARTS_V2_RNN; convolutional ones are for image networks.',
          );
        }
        expect(requireConvolutional({ kind: 'convolutional', genotype: images })).toBe(images);
        expect(requireRecurrent({ kind: 'recurrent', genotype: words })).toBe(words);
      }),
      { numRuns: 20 },
    );
  });

  it('is named with its place', () => {
    const where = (read: () => unknown) => failure(read).details.where;
    expect(where(() => parseGenotype(`x = ${FLAT}`, { source: 'a.py' }))).toBe('a.py:1:14');
    expect(where(() => parseRecurrentGenotype(IMAGES))).toBe('1:10');
    expect(where(() => requireRecurrent(parseAnyGenotype(IMAGES), '--genotype'))).toBe('--genotype');
    expect(where(() => requireConvolutional(parseAnyGenotype(FLAT), '--genotype'))).toBe('--genotype');
  });
});
