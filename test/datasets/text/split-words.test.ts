import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasWords, linesOf, wordsOf } from '../../../datasets/text/split-words.js';

/** Every c with chr(c).isspace() in Python 3. */
const PYTHON_SPACES = [
  9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200,
  8201, 8202, 8232, 8233, 8239, 8287, 12288,
];

describe('wordsOf', () => {
  it('takes for white space what Python takes, and nothing else', () => {
    const separating = Array.from({ length: 0x10000 }, (_, code) => code).filter(
      (code) => wordsOf(`a${String.fromCharCode(code)}b`).length === 2,
    );
    expect(separating).toEqual(PYTHON_SPACES);
  });

  it('finds no empty words, and a byte order mark is a part of one', () => {
    expect(wordsOf('  the\tcat \u3000sat  ')).toEqual(['the', 'cat', 'sat']);
    expect(wordsOf(' \u00a0\x1f')).toEqual([]);
    expect(wordsOf('\ufeffthe')).toEqual(['\ufeffthe']);
  });

  it('gives back words that were joined by any white space', () => {
    const words = fc.array(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'é', '😀', '\u200b') }));
    const space = fc
      .array(fc.constantFrom(...PYTHON_SPACES), { minLength: 1, maxLength: 3 })
      .map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(words, space, (expected, between) => {
        expect(wordsOf(between + expected.join(between) + between)).toEqual(expected);
      }),
    );
  });
});

describe('linesOf', () => {
  it('ends lines at \\n, \\r and \\r\\n only', () => {
    expect(linesOf('a\nb\rc\r\nd\n\re')).toEqual(['a', 'b', 'c', 'd', '', 'e']);
    expect(linesOf('a\u2028b\u0085c\x0bd\x0ce')).toHaveLength(1);
  });

  it('counts empty lines, and none after the last end', () => {
    expect(linesOf('')).toEqual([]);
    expect(linesOf('\n')).toEqual(['']);
    expect(linesOf('a\n\n')).toEqual(['a', '']);
    expect(linesOf('a\n ')).toEqual(['a', ' ']);
  });
});

describe('hasWords', () => {
  it('tells a text from white space, asked again and again', () => {
    expect([1, 2, 3].map(() => hasWords('\n\n a'))).toEqual([true, true, true]);
    expect([1, 2].map(() => hasWords('\n \x1f'))).toEqual([false, false]);
  });
});
