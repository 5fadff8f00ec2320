// Words back to a text that reads well: what `datasets/text/tokenise.ts` took apart is put together, sentences begin with a
// capital, and WikiText's `@-@` is a hyphen. Which of two quotation marks opens is told by turns, as nothing else tells it.
import { END_OF_LINE } from '../../../datasets/text/vocabulary.js';

/** What stands at the word before it, without a space. */
const closing = /^(?:[.,;:?!)\]%]|\.\.\.|n't|'(?:s|re|ve|ll|d|m))$/;
/** What the word after it stands at. */
const opening = /^[([$]$/;
const quote = /^["']$/;
/** WikiText's marks inside of a word or number, and what they stand for. */
const infix = /^@(.+)@$/;
const sentenceEnd = /^[.?!]$/;

/** One line for each that `<eos>` ends, and for what follows the last. Words that are no text, such as `<unk>`, stay. */
export function detokenise(words: readonly string[]): string {
  const lines: string[][] = [[]];
  for (const word of words) {
    if (word === END_OF_LINE) lines.push([]);
    else lines.at(-1)!.push(word);
  }
  if (lines.at(-1)!.length === 0) lines.pop();
  return lines.map(readable).join('\n');
}

function readable(words: readonly string[]): string {
  const open = new Set<string>();
  let text = '';
  let isJoined = true; // whether the next word stands at the one before it
  let isBeginning = true;
  for (const [at, word] of words.entries()) {
    const [, mark] = infix.exec(word) ?? [];
    // An apostrophe behind "nations" opens nothing.
    const opens = quote.test(word) && !open.has(word) && !(word === "'" && words[at - 1]?.endsWith('s'));
    const stands = closing.test(word) || mark !== undefined || (quote.test(word) && !opens);
    const begins: boolean = isBeginning && /^\p{L}/u.test(word);
    const written = mark ?? (begins || word === 'i' ? capitalised(word) : word);
    text += isJoined || stands ? written : ` ${written}`;
    if (opens) open.add(word);
    else open.delete(word);
    isJoined = opens || mark !== undefined || opening.test(word);
    isBeginning = sentenceEnd.test(word) || (isBeginning && !begins);
  }
  return text;
}

function capitalised(word: string): string {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('');
}
