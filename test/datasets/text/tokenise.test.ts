import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../../datasets/text/split-words.js';
import { sentencesOf, tokenise } from '../../../datasets/text/tokenise.js';

/** What a text can be made of, so that every rule is met. */
const pieces = fc
  .array(
    fc.constantFrom(
      ...["don't", "Nation's", "o'clock", '3,000.50', '5-year', '1990-91', '$', 'U.S.', 'Mr.', 'I.', 'no.'],
      ...[
        '—',
        '--',
        '...',
        '“Yes',
        '”',
        '’',
        '(',
        ')',
        '.',
        '?',
        ' ',
        ' ',
        '\n',
        'The',
        'café',
        '%',
        '-',
        '1st',
      ],
    ),
    { maxLength: 12 },
  )
  .map((all) => all.join(''));

describe('tokenise', () => {
  it.each([
    ["Don't we owe it?", "do n't we owe it ?"],
    [
      "The Nation's people can't; they'll wait, I'm sure.",
      "the nation 's people ca n't ; they 'll wait , i 'm sure .",
    ],
    ['It cost $3,000,000.50, or 3.2%, in 1995.', 'it cost $ N , or N % , in N .'],
    ['a 5-year plan of 1990-91 for 4,000-ton ships', 'a N-year plan of N-N for N-ton ships'],
    ['the 1960s, the 19th', 'the 1960s , the 19th'],
    ['Mr. John F. Kennedy of the U.S. spoke.', 'mr. john f. kennedy of the u.s. spoke .'],
    ['So do I.', 'so do i .'],
    ['our men-of-war--all \u2014 sail\u2013now...', 'our men-of-war -- all -- sail -- now ...'],
    ['\u201cIt\u2019s \u2018good\u2019\u201d (she said)', `" it 's ' good ' " ( she said )`],
    ["at ten o'clock", "at ten o'clock"],
    ['caf\u00e9 na\u00efve', 'caf\u00e9 na\u00efve'],
    ['', ''],
  ])('%s', (text, expected) => {
    expect(tokenise(text).join(' ')).toBe(expected);
  });

  it('makes words that the files of a corpus can hold, and leaves them as they are', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const words = tokenise(text);
        expect(wordsOf(words.join(' '))).toEqual(words);
        // `N` alone is not lower-case, and is a letter when it is read again.
        const lower = words.map((word) => word.replaceAll('N', 'n'));
        expect(tokenise(words.join(' '))).toEqual(lower);
      }),
      { numRuns: 1000 },
    );
  });

  it('loses no letter', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const letters = (all: string) => all.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
        expect(letters(tokenise(text.replaceAll(/\d/g, '')).join(''))).toBe(letters(text));
      }),
    );
  });
});

describe('sentencesOf', () => {
  it.each([
    ['One. Two? Three! four', ['One.', 'Two?', 'Three! four']],
    [
      'He said: "Go." And he went. (So.) "Yes," I said.',
      ['He said: "Go."', 'And he went.', '(So.)', '"Yes," I said.'],
    ],
    ['Mr. Speaker, Dr. King. St. Louis', ['Mr. Speaker, Dr. King.', 'St. Louis']],
    [
      'John F. Kennedy of the U.S. Army. It is I. You',
      ['John F. Kennedy of the U.S. Army.', 'It is I.', 'You'],
    ],
    ['Order No. 5 of Nov. 3. 1861 was. And sec. 2', ['Order No. 5 of Nov. 3.', '1861 was.', 'And sec. 2']],
    ['at 3.5 percent.  \n Next', ['at 3.5 percent.', 'Next']],
    ['  ', []],
  ])('%s', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });

  it('loses nothing but white space', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const solid = (all: string) => all.replaceAll(/\s/g, '');
        const sentences = sentencesOf(text);
        expect(solid(sentences.join(''))).toBe(solid(text));
        expect(sentences.every((sentence) => sentence === sentence.trim() && sentence !== '')).toBe(true);
      }),
    );
  });
});
