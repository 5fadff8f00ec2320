import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVocabulary, printVocabulary, wordTable } from '../../../datasets/text/vocabulary.js';
import { expectRefusal } from '../helpers.js';

const words = fc.uniqueArray(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'B', '<', 'é', '😀') }), {
  minLength: 1,
});

describe('a vocabulary file', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(words, (all) => {
        expect(parseVocabulary(printVocabulary(all), 'words.txt')).toEqual(all);
      }),
    );
  });

  it('has one word a line', () => {
    expect(printVocabulary(['the', '<eos>', '__proto__'])).toBe('the\n<eos>\n__proto__\n');
    expect(parseVocabulary('the\r\ncat', 'words.txt')).toEqual(['the', 'cat']);
  });

  it('is refused with the line of what is wrong in it', async () => {
    const refuse = (text: string, parts: RegExp) =>
      expectRefusal(() => parseVocabulary(text, 'words.txt'), 'data-corrupt', parts);
    await refuse('', /where: +words\.txt$.*at least one word/ms);
    await refuse('a\nb\n\nc\n', /words\.txt, line 3$.*found: +''/ms);
    await refuse('a\nb c\n', /words\.txt, line 2$.*'b c'/ms);
    await refuse('a\n b\n', /words\.txt, line 2$.*' b'/ms);
    await refuse('a\nb\na\n', /words\.txt, line 3$.*'a', as in line 1/ms);
    await expectRefusal(() => printVocabulary(['a', 'b c']), 'data-corrupt');
  });
});

describe('wordTable', () => {
  it('finds every word, and takes <unk> for others where there is one', () => {
    fc.assert(
      fc.property(words, (all) => {
        const table = wordTable(all);
        expect(all.map(table.indexOf)).toEqual([...all.keys()]);
        expect(table.indexOf('constructor')).toBeUndefined();
        const withUnknown = wordTable([...all, '<unk>']);
        expect(withUnknown.indexOf('constructor')).toBe(all.length);
        expect(all.map(withUnknown.indexOf)).toEqual([...all.keys()]);
      }),
    );
  });
});
