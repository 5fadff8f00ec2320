// A vocabulary: the words that a language model knows, in the order of its indices. Its file has one word a line, UTF-8,
// and a word's index is its line's number, counted from 0; so a model carries its dictionary as a text that anybody reads.
import { GenonnxError } from '../../graphs/errors.js';
import { linesOf, wordsOf } from './split-words.js';

/** Stands at the end of every line. */
export const END_OF_LINE = '<eos>';
/** Stands for words outside of a vocabulary, where a vocabulary has it. */
export const UNKNOWN_WORD = '<unk>';

/** A vocabulary and the way back from a word to its index. */
export interface WordTable {
  readonly words: readonly string[];
  /** The word's index, else that of `<unk>`; undefined for a word outside of a vocabulary that has none. */
  indexOf(word: string): number | undefined;
}

/**
 * Checks a vocabulary and makes its table. `where` is for messages.
 * @throws GenonnxError `data-corrupt` for no words, one that is empty or holds white space, and one that stands twice.
 */
export function wordTable(words: readonly string[], where = 'the vocabulary'): WordTable {
  if (words.length === 0) throw malformed(where, 'at least one word', 'none');
  const indices = new Map<string, number>();
  words.forEach((word, index) => {
    const line = `${where}, line ${index + 1}`;
    const first = indices.get(word);
    if (first !== undefined) throw malformed(line, 'every word once', `'${word}', as in line ${first + 1}`);
    if (wordsOf(word)[0] !== word) throw malformed(line, 'one word, without white space', `'${word}'`);
    indices.set(word, index);
  });
  const unknown = indices.get(UNKNOWN_WORD);
  return { words, indexOf: (word) => indices.get(word) ?? unknown };
}

/** Reads a vocabulary file's text. @throws GenonnxError `data-corrupt` as `wordTable`, with file and line. */
export function parseVocabulary(text: string, where: string): string[] {
  const words = linesOf(text);
  wordTable(words, where);
  return words;
}

/** The text of a vocabulary file. @throws GenonnxError `data-corrupt` as `wordTable`. */
export function printVocabulary(words: readonly string[]): string {
  wordTable(words);
  return `${words.join('\n')}\n`;
}

function malformed(where: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('data-corrupt', 'This is no vocabulary.', {
    where,
    expected,
    found,
    cure: 'Give the file as it was saved beside the model: one word a line, in the order of the indices.',
  });
}
