import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GenonnxError } from '../../../src/errors.js';
import { listGenotypes } from '../../../src/spaces/find-genotype.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { printGenotype, toJson } from '../../../src/spaces/print.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { genotypes } from './arbitrary.js';

const DARTS_V2 =
  "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), " +
  "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], " +
  "normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), " +
  "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], " +
  'reduce_concat=[2, 3, 4, 5])';

const FILE = `"""Genotypes of
several papers."""
from collections import namedtuple

Genotype = namedtuple('Genotype', 'normal normal_concat reduce reduce_concat')
PRIMITIVES = ['none', 'max_pool_3x3']  # not a genotype
RATE = 0.5 * 3 ; WHO = 'nobody'

# DATA
First = Genotype(
    normal=[[('skip_connect', 0), ("sep_conv_3x3", 1),],  # two
            [('skip_connect', 2)]],
    normal_concat=range(2, 4),
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1)], reduce_concat=[2],
)
Second = genotypes.Genotype([('sep_conv_5x5', 0), ('sep_conv_5x5', 1)], [2], [[('skip_connect', 0)]], (2,))
Alias = Other = 3
PTB = Genotype(recurrent=[('relu', 0)], concat=range(1, 9))
Best = Second
def show():
    print(f"{Best!r}")
`;

/** The error that parsing `text` throws. */
function failure(text: string, options: { name?: string; source?: string } = {}): GenonnxError {
  try {
    parseGenotype(text, options);
  } catch (error) {
    if (error instanceof GenonnxError) return error;
    throw error;
  }
  throw new Error('parsed');
}

const small = (normal: string, concat = '[2]'): string =>
  `Genotype(normal=${normal}, normal_concat=${concat}, reduce=[('skip_connect', 0), ('skip_connect', 1)], reduce_concat=[2])`;

describe('parseGenotype', () => {
  it('reads the flat form of DARTS and prints it back to the letter', () => {
    expect(parseGenotype(DARTS_V2)).toEqual(zooEntry('darts_v2').genotype);
    expect(printGenotype(parseGenotype(DARTS_V2))).toBe(DARTS_V2);
  });

  it('is undone by printing, as Python, as JSON and as indented JSON', () => {
    fc.assert(
      fc.property(genotypes, (genotype) => {
        expect(parseGenotype(printGenotype(genotype))).toEqual(genotype);
        expect(parseGenotype(printGenotype(genotype, 'FOUND'), { name: 'FOUND' })).toEqual(genotype);
        expect(parseGenotype(JSON.stringify(toJson(genotype)))).toEqual(genotype);
        expect(parseGenotype(JSON.stringify(toJson(genotype), null, 2))).toEqual(genotype);
      }),
      { numRuns: 200 },
    );
  });

  it('reads what Python may write: comments, trailing commas, both quotes, ranges, tuples, positions, a name', () => {
    const expected = parseGenotype(small("[('sep_conv_3x3', 0), ('skip_connect', 1)]"));
    for (const text of [
      `\n  # found\n  BEST = ${small('[("sep_conv_3x3", 0), ("skip_connect", 1),]')}  # end\n`,
      small("[[('sep_conv_3x3', 0), ('skip_connect', 1)]]", 'range(2, 3)'),
      small("((('sep_conv_3x3', 0), ('skip_connect', 1),),)", 'list(range(2, 3))'),
      small("(('sep_conv_3x3', 0), ('skip_connect', 1))", '(2,)'),
      small("[['sep_conv_3x3', 0], ['skip_connect', 1]]", 'range(2, 4, 5)'),
      small("[('sep_conv_3x3',\n0),\r\n('skip_connect',\t1)\r\n]", 'tuple([2])'),
      `Genotype([('sep_conv_3x3', 0), ('skip_connect', 1)], [2], [('skip_connect', 0), ('skip_connect', 1)], [2])`,
      `{'normal': [['sep_conv_3x3', 0], ['skip_connect', 1]], 'normal_concat': [2],
        'reduce': [[['skip_connect', 0], ['skip_connect', 1]]], 'reduce_concat': [2]}`,
    ]) {
      expect(parseGenotype(text)).toEqual(expected);
    }
  });

  it('reads one of the genotypes of a Python file, by name, alias included', () => {
    expect(listGenotypes(FILE)).toEqual(['First', 'Second', 'PTB']);
    expect(parseGenotype(FILE, { name: 'First' })).toEqual({
      normal: {
        nodes: [
          [
            { primitive: 'skip_connect', input: 0 },
            { primitive: 'sep_conv_3x3', input: 1 },
          ],
          [{ primitive: 'skip_connect', input: 2 }],
        ],
        concat: [2, 3],
      },
      reduce: {
        nodes: [
          [
            { primitive: 'max_pool_3x3', input: 0 },
            { primitive: 'max_pool_3x3', input: 1 },
          ],
        ],
        concat: [2],
      },
    });
    expect(parseGenotype(FILE, { name: 'Best' })).toEqual(parseGenotype(FILE, { name: 'Second' }));
  });

  it('takes the last of several assignments to a name, and allows an operation twice', () => {
    const text = `A = ${small("[('skip_connect', 0), ('skip_connect', 1)]")}\nA = ${small("[('avg_pool_3x3', 0), ('avg_pool_3x3', 0)]")}`;
    const twice = { primitive: 'avg_pool_3x3', input: 0 };
    expect(parseGenotype(text, { name: 'A' }).normal.nodes).toEqual([[twice, twice]]);
  });

  it('suggests the nearest primitive for a misspelt one, with its line and column', () => {
    const error = failure(small("[('sep_conv_3x3', 0),\n  ('sep_conf_3x3', 1)]"), { source: 'mine.py' });
    expect(error.code).toBe('unknown-primitive');
    expect(error.details).toMatchObject({
      where: 'mine.py:2:4',
      found: '"sep_conf_3x3"',
      cure: 'Did you mean sep_conv_3x3?',
    });
  });

  it.each([
    ['a text without genotype', 'hello world', 'genotype-syntax', '1:1', /no genotype/],
    ['an empty text', '', 'genotype-syntax', '1:1', /no genotype/],
    [
      'a bracket that is not closed',
      "Genotype(normal=[('skip_connect', 0",
      'genotype-syntax',
      '1:36',
      /opened at 1:18/,
    ],
    [
      'a wrong bracket',
      small("[('skip_connect', 0], ('skip_connect', 1)]"),
      'genotype-syntax',
      '1:36',
      /not closed/,
    ],
    ['a missing comma', small("[('skip_connect' 0)]"), 'genotype-syntax', '1:34', /comma is missing/],
    ['a quote that is not closed', small("[('skip_connect, 0)]"), 'genotype-syntax', undefined, /expected/],
    [
      'something behind the end',
      `${small("[[('skip_connect', 0)]]")} )`,
      'genotype-syntax',
      undefined,
      /follows/,
    ],
    ['an odd number of flat pairs', small("[('skip_connect', 0)]"), 'genotype-syntax', '1:17', /even number/],
    ['a pair without input', small("[[('skip_connect',)]]"), 'genotype-syntax', '1:19', /not a pair/],
    ['an input in quotes', small("[[('skip_connect', '0')]]"), 'genotype-syntax', '1:19', /text, text/],
    ['a broken input', small("[[('skip_connect', 0.5)]]"), 'genotype-syntax', '1:36', /whole number/],
    ['a negative input', small("[[('skip_connect', -1)]]"), 'node-out-of-range', '1:36', /0 to 1/],
    [
      'an input that is later',
      small("[[('skip_connect', 2)]]"),
      'node-out-of-range',
      '1:36',
      /Node 0 \(state 2\)/,
    ],
    ['none', small("[[('none', 0)]]"), 'genotype-syntax', '1:20', /`none` is not one/],
    [
      'an empty node',
      small("[[('skip_connect', 0)], []]"),
      'genotype-syntax',
      '1:41',
      /Node 1 has no operation/,
    ],
    ['a cell without nodes', small('[]'), 'genotype-syntax', '1:17', /no nodes/],
    [
      'nodes of both forms',
      small("[[('skip_connect', 0)], ('skip_connect', 0)]"),
      'genotype-syntax',
      '1:42',
      /missing/,
    ],
    ['a cell that is a number', small('3'), 'genotype-syntax', '1:17', /list is missing/],
    [
      'a concatenated input',
      small("[[('skip_connect', 0)]]", '[1]'),
      'node-out-of-range',
      undefined,
      /2 to 2/,
    ],
    [
      'a concatenated node that is not there',
      small("[[('skip_connect', 0)]]", '[2, 3]'),
      'node-out-of-range',
      undefined,
      /State 3/,
    ],
    ['a state twice', small("[[('skip_connect', 0)]]", '[2, 2]'), 'genotype-syntax', undefined, /twice/],
    [
      'an empty concat',
      small("[[('skip_connect', 0)]]", 'range(2, 2)'),
      'genotype-syntax',
      undefined,
      /No state/,
    ],
    [
      'an endless range',
      small("[[('skip_connect', 0)]]", 'range(2, 900000000000)'),
      'node-out-of-range',
      undefined,
      /State 3/,
    ],
    [
      'a range with step 0',
      small("[[('skip_connect', 0)]]", 'range(2, 3, 0)'),
      'genotype-syntax',
      undefined,
      /not understood/,
    ],
    [
      'another call',
      small("[[('skip_connect', 0)]]", 'set(2)'),
      'genotype-syntax',
      undefined,
      /not understood/,
    ],
    [
      'nested list() calls',
      small("[[('skip_connect', 0)]]", `${'list('.repeat(50)}2${')'.repeat(50)}`),
      'genotype-syntax',
      undefined,
      /nest too deeply/,
    ],
    [
      'a missing field',
      "Genotype(normal=[[('skip_connect', 0)]], normal_concat=[2])",
      'genotype-syntax',
      '1:1',
      /Add reduce/,
    ],
    ['a field twice', 'Genotype(normal=1, normal=2)', 'genotype-syntax', '1:20', /twice/],
    [
      'a recurrent genotype',
      "Genotype(recurrent=[('relu', 0)], concat=range(1, 9))",
      'genotype-kind',
      '1:10',
      /recurrent genotype[\s\S]*normal, normal_concat, reduce, reduce_concat[\s\S]*recurrent, concat/,
    ],
    ['too many arguments', 'Genotype(1, 2, 3, 4, 5)', 'genotype-syntax', '1:22', /5 arguments/],
    ['brackets without end', '('.repeat(10_000), 'genotype-syntax', '1:1', /no genotype/],
    ['deep brackets', `Genotype(${'['.repeat(10_000)}`, 'genotype-syntax', '1:26', /nest too deeply/],
    ['several genotypes', FILE, 'usage', undefined, /First, Second, PTB/],
    ['too long a text', ' '.repeat(2 ** 21), 'genotype-syntax', undefined, /too long/],
  ])('refuses %s', (_, text, code, where, message) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    if (where !== undefined) expect(error.details.where).toBe(where);
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(1000);
  });

  it('refuses a name that is not assigned, a circle of names, and a value that is not a genotype', () => {
    expect(failure(FILE, { name: 'Third' }).message).toMatch(/one of First, Second, PTB/);
    expect(failure('a = b\nb = a', { name: 'a' }).code).toBe('usage');
    expect(failure(FILE, { name: 'PRIMITIVES' }).message).toMatch(/not a genotype/);
    expect(failure(FILE, { name: 'RATE' }).message).toMatch(/follows/);
  });

  // Whatever is quadratic takes minutes at this size; a limit that no busy machine reaches tells it apart.
  it('takes no longer than its text for texts made to be slow', { timeout: 120_000 }, () => {
    const size = 2 ** 18;
    const slow = [
      `${'1'.repeat(size - 1)}a`,
      '"""'.repeat(size / 3),
      `"\\`.repeat(size / 2),
      Array.from({ length: 20_000 }, (_, i) => `a${i}=a${i + 1}`)
        .join('\n')
        .slice(0, size),
      `x=${'[0,'.repeat(size / 4)}`,
      `Genotype(${'('.repeat(size - 10)}`,
      `x=Genotype(${'[1],'.repeat(size / 5)})`,
    ];
    for (const text of slow) {
      const start = performance.now();
      expect(failure(text)).toBeInstanceOf(GenonnxError);
      expect(failure(text, { name: 'a0' })).toBeInstanceOf(GenonnxError);
      expect(performance.now() - start, text.slice(0, 20)).toBeLessThan(15_000);
    }
  });
});
