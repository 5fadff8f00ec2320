// Text to the words of a vocabulary and back. Vocabularies differ in what a word is: some are of lower case, some have
// punctuation, some write `N` for numbers, some `@-@` for a hyphen. What is asked first is therefore always whether the
// vocabulary has a piece of text as it stands. Types and their documentation are in words.d.ts.

const endOfLine = '<eos>';
const unknownWord = '<unk>';

/** Characters that have several forms, and the one that texts for models keep. */
const forms = /** @type {const} */ ([
  [/[\u2018\u2019]/g, "'"],
  [/[\u201c\u201d]/g, '"'],
  [/\u2011/g, '-'],
  [/[^\S\n]*(?:[\u2013\u2014]|--+)[^\S\n]*/g, ' -- '],
]);

const number = /(?<![^-])\p{N}+(?:[.,]\p{N}+)*(?![^-])/gu;
const contraction = /^(.+)(n't|'(?:s|re|ve|ll|d|m))$/iu;
const insideMark = /^(.*[\p{L}\p{N}])([-,.])([\p{L}\p{N}].*)$/u;
const speaks = /[\p{L}\p{N}]/u;

/** @type {typeof import('./words.js').wordsOf} */
export function wordsOf(text, isKnown) {
  const uniform = forms.reduce((before, [form, one]) => before.replace(form, one), text);
  const lines = uniform.split(/\r\n|\r|\n/);
  return lines.flatMap((line, at) => {
    const words = line.split(/\s+/).flatMap((piece) => (piece === '' ? [] : taken(piece, isKnown)));
    return at < lines.length - 1 && isKnown(endOfLine) ? [...words, endOfLine] : words;
  });
}

/**
 * The words of a piece without white space, by what can be taken off at its ends.
 * @param {string} piece
 * @param {(word: string) => boolean} isKnown
 * @returns {string[]}
 */
function taken(piece, isKnown) {
  const lower = piece.toLowerCase();
  const own = [piece, lower, lower.replace(number, 'N')].find(isKnown);
  if (own !== undefined) return [own];
  const [first = '', ...others] = piece;
  const last = piece.endsWith('...') ? '...' : (others.at(-1) ?? '');
  if (last !== '' && !speaks.test(last))
    return [...taken(piece.slice(0, -last.length), isKnown), ...taken(last, isKnown)];
  if (others.length > 0 && !speaks.test(first))
    return [...taken(first, isKnown), ...taken(others.join(''), isKnown)];
  const [, stem, ending] = contraction.exec(piece) ?? [];
  if (stem !== undefined && ending !== undefined && isKnown(ending.toLowerCase()))
    return [...taken(stem, isKnown), ending.toLowerCase()];
  const [, before, mark, after] = insideMark.exec(piece) ?? [];
  if (before !== undefined && after !== undefined && isKnown(`@${mark}@`))
    return [...taken(before, isKnown), `@${mark}@`, ...taken(after, isKnown)];
  // Punctuation that a vocabulary does not have, its texts do not have either.
  return speaks.test(piece) && isKnown(unknownWord) ? [unknownWord] : [];
}

/** What stands at the word before it, without a space. */
const closing = /^(?:[.,;:?!)\]%]|\.\.\.|n't|'(?:s|re|ve|ll|d|m))$/;
/** What the word after it stands at. */
const opening = /^[([$]$/;
const quote = /^["']$/;
/** Marks inside of a word or number, `@-@`, and what they stand for. */
const infix = /^@(.+)@$/;
const sentenceEnd = /^[.?!]$/;

/** @type {typeof import('./words.js').textOf} */
export function textOf(words) {
  /** @type {string[][]} */
  const lines = [[]];
  for (const word of words) {
    if (word === endOfLine) lines.push([]);
    else lines.at(-1)?.push(word);
  }
  return lines.map(readable).join('\n');
}

/** @param {readonly string[]} words */
function readable(words) {
  /** @type {Set<string>} */
  const open = new Set();
  let text = '';
  let isJoined = true;
  let isBeginning = true;
  for (const [at, word] of words.entries()) {
    const mark = infix.exec(word)?.[1];
    // An apostrophe behind "nations" opens nothing.
    const opens = quote.test(word) && !open.has(word) && !(word === "'" && words[at - 1]?.endsWith('s'));
    const stands = closing.test(word) || mark !== undefined || (quote.test(word) && !opens);
    /** @type {boolean} */
    const begins = isBeginning && /^\p{L}/u.test(word);
    const written = mark ?? (begins || word === 'i' ? capitalised(word) : word);
    text += isJoined || stands ? written : ` ${written}`;
    if (opens) open.add(word);
    else open.delete(word);
    isJoined = opens || mark !== undefined || opening.test(word);
    isBeginning = sentenceEnd.test(word) || (isBeginning && !begins);
  }
  return text;
}

/** @param {string} word */
function capitalised(word) {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('');
}
