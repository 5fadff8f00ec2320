import { describe, expect, it } from 'vitest';
import { loadCorpus } from '../../../../datasets/index.js';
import { tokenise } from '../../../../datasets/text/tokenise.js';
import { detokenise } from '../../../../src/data/text/detokenise.js';

const readable = (text: string) => detokenise(text.split(' '));

describe('detokenise', () => {
  it.each([
    ["so do i . we ca n't .", "So do I. We can't."],
    [
      "the nation 's men ; i 'm sure , they 'll wait : now ...",
      "The nation's men; I'm sure, they'll wait: now...",
    ],
    ['it cost $ N ( N % ) [ all ]', 'It cost $N (N%) [all]'],
    ['he said : " go . " and " stay ! "', 'He said: "go." And "stay!"'],
    ['" the nations \' good " , he said', '"The nations\' good", he said'],
    ["a ' good ' man", "A 'good' man"],
    ['mr. smith of the u.s. -- he is', 'Mr. smith of the u.s. -- he is'],
    ['N years . N more', 'N years. N more'],
    ['\u00e9tat', '\u00c9tat'],
    ['the <unk> of', 'The <unk> of'],
    ['a well @-@ known N @,@ N @.@ N', 'A well-known N,N.N'],
    ['the end . <eos> <eos> it is <eos>', 'The end.\n\nIt is'],
    ['the end <eos> and', 'The end\nAnd'],
    ['<eos>', ''],
  ])('%s', (words, expected) => {
    expect(readable(words)).toBe(expected);
  });

  it('is nothing for no words', () => {
    expect(detokenise([])).toBe('');
  });

  it('is taken apart again into the same words', async () => {
    const { valid, vocabulary } = await loadCorpus('sotu');
    const lines = [...valid]
      .map((id) => vocabulary[id]!)
      .join(' ')
      .split(' <eos>');
    const known = lines.map((line) => line.trim()).filter((line) => !line.includes('<unk>'));
    expect(known.length).toBeGreaterThan(500);
    // `N` would be a letter.
    const again = known.map((line) => tokenise(readable(line).replaceAll(/\bN\b/g, '7')).join(' '));
    expect(again).toEqual(known);
  });
});
