// Whatever text comes in, a genotype comes out or a GenonnxError, never anything else; and what came out prints and parses
// to itself.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GenonnxError } from '../../../src/errors.js';
import { parseAnyGenotype } from '../../../src/spaces/parse.js';
import { printAnyGenotype, toJson } from '../../../src/spaces/print.js';
import { anyGenotypes } from './arbitrary.js';

const WORDS = [
  ...[
    'Genotype',
    'normal',
    'reduce',
    'normal_concat',
    'reduce_concat',
    'recurrent',
    'concat',
    'range',
    'list',
    'none',
    'sep_conv_3x3',
  ],
  ...'()[]{},:=\'"#\\;\n'.split(''),
  ...[
    "'skip_connect'",
    "'tanh'",
    '"max_pool_3x3"',
    '0',
    '1',
    '-1',
    '2',
    '1e999',
    '0.5',
    '99999999999999999999',
    ' ',
    "'''",
  ],
  ...['\u2028', '\u0000', '\ud800', '__proto__', 'constructor', 'x = ', 'import os'],
];

function check(text: string, name?: string): void {
  let found: ReturnType<typeof parseAnyGenotype>;
  try {
    found = parseAnyGenotype(text, name === undefined ? {} : { name });
  } catch (error) {
    expect(error).toBeInstanceOf(GenonnxError);
    if (error instanceof GenonnxError) expect(error.message.length).toBeLessThan(2000);
    return;
  }
  expect(parseAnyGenotype(printAnyGenotype(found))).toEqual(found);
}

const printed = fc.oneof(
  anyGenotypes.map((found) => printAnyGenotype(found)),
  anyGenotypes.map((found) => printAnyGenotype(found, 'x')),
  anyGenotypes.map(({ genotype }) => JSON.stringify(toJson(genotype))),
);

/** A cut, a doubling, a replacement or an insertion at a random place. */
const mutations = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(12),
    insert: fc.oneof(fc.constant(''), fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })),
  }),
  { minLength: 1, maxLength: 4 },
);

it('survives 2,000 mutated genotypes', () => {
  fc.assert(
    fc.property(printed, mutations, (text, changes) => {
      let mutated = text;
      for (const { at, length, insert } of changes) {
        const start = Math.floor(at * mutated.length);
        mutated = mutated.slice(0, start) + insert + mutated.slice(start + length);
      }
      check(mutated);
    }),
    { numRuns: 2000 },
  );
});

it('survives 2,000 random sequences of words that genotypes are made of', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }), (words) => {
      check(words.join(''));
      check(`Genotype(${words.join('')}`, undefined);
      check(`x = ${words.join('')}`, 'x');
    }),
    { numRuns: 2000 },
  );
});

it('survives 1,000 random texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => check(text)),
    { numRuns: 1000 },
  );
});
