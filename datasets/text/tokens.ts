// From text to token ids: the words of a line, then `<eos>`, line after line, empty ones included, as the published counts of
// the Penn Treebank's and WikiText's tokens have it. Either the text makes its dictionary or a saved one reads it.
import { GenonnxError } from '../../graphs/errors.js';
import { linesOf, wordsOf } from './split-words.js';
import { END_OF_LINE, UNKNOWN_WORD, type WordTable } from './vocabulary.js';

/** Gives a word its index. `line` counts from 1. */
export type WordReader = (word: string, line: number) => number;

/** The ids of a text. */
export function tokensOf(text: string, indexOf: WordReader): Uint32Array {
  const tokens: number[] = [];
  linesOf(text).forEach((line, at) => {
    for (const word of wordsOf(line)) tokens.push(indexOf(word, at + 1));
    tokens.push(indexOf(END_OF_LINE, at + 1));
  });
  return Uint32Array.from(tokens);
}

/** A dictionary that grows: a word's index is its place in the order of first appearance. */
export function growingVocabulary(): { readonly words: readonly string[]; readonly indexOf: WordReader } {
  const words: string[] = [];
  const indices = new Map<string, number>();
  const indexOf = (word: string): number => {
    const known = indices.get(word);
    if (known !== undefined) return known;
    indices.set(word, words.length);
    return words.push(word) - 1;
  };
  return { words, indexOf };
}

/**
 * Reads words by a saved vocabulary: those outside become `<unk>`. `where` names the text in messages.
 * @throws GenonnxError `unknown-word`, with word and line, where there is no `<unk>`; at once where there is no `<eos>`.
 */
export function savedVocabulary(table: WordTable, where: string): WordReader {
  if (!table.words.includes(END_OF_LINE)) {
    throw new GenonnxError('unknown-word', 'The vocabulary has no end of line.', {
      where,
      expected: `'${END_OF_LINE}', which follows every line of a text`,
      found: `${table.words.length} words without it`,
      cure: 'Give the vocabulary that was saved with a language model.',
    });
  }
  return (word, line) => {
    const index = table.indexOf(word);
    if (index !== undefined) return index;
    throw new GenonnxError('unknown-word', `'${word}' is not in the vocabulary.`, {
      where: `${where}, line ${line}`,
      expected: `one of its ${table.words.length} words: it has no '${UNKNOWN_WORD}' that could stand for others`,
      found: `'${word}'`,
      cure: `Give the text that the vocabulary was made of, or replace such words in it.`,
    });
  };
}
