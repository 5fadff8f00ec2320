// Running text to the sentences and words of the embedded texts, in the manner of the Penn Treebank: everything is lower-cased,
// punctuation stands apart, so do the ends of contractions ("do n't", "nation 's"), and numbers are `N`. What is made of it
// can be read again (`src/data/text/detokenise.ts`).

/** Words whose full stop belongs to them and ends no sentence. */
const ABBREVIATIONS = [
  'mr',
  'mrs',
  'ms',
  'messrs',
  'dr',
  'st',
  'gen',
  'col',
  'lt',
  'capt',
  'hon',
  'rev',
  'jr',
];
const abbreviation = `\\b(?:${ABBREVIATIONS.join('|')})\\.`;
/** Letters with a full stop each, "u.s." and "f."; but "i." is a word at the end of a sentence. */
const initials = '\\b(?!i\\.(?!\\p{L}))(?:\\p{L}\\.)+(?!\\p{L})';
const contraction = "(?:n't|'(?:s|re|ve|ll|d|m))\\b";

/** Characters that have several forms, and the one that stays. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019]/g, "'"],
  [/[\u201c\u201d]/g, '"'],
  [/\u2011/g, '-'],
  [/\s*(?:[\u2013\u2014]|--+)\s*/g, ' -- '],
];

/** What a word can be, the first that fits. Hyphens and apostrophes inside of a word belong to it. */
const token = new RegExp(
  [
    abbreviation,
    initials,
    contraction,
    `[\\p{L}\\p{N}](?:(?!${contraction})(?:[\\p{L}\\p{N}]|[-'](?=[\\p{L}\\p{N}])|[.,](?=\\p{N})))*`,
    '--|\\.\\.\\.',
    '\\S',
  ].join('|'),
  'gu',
);

/** A number, alone or as a part between hyphens. */
const number = /(?<![^-])\p{N}+(?:[.,]\p{N}+)*(?![^-])/gu;

/**
 * Where a sentence may end: a stop with what closes after it, before white space and a capital, a digit or what opens.
 * "No. 5" is none, nor is "Nov. 5".
 */
const sentenceEnd = /[.?!]["')\]\u2019\u201d]*\s+(?=["'([\u2018\u201c]*[\p{Lu}\p{N}])/gu;
const noEnd = new RegExp(
  `(?:${abbreviation}|${initials}|\\b(?:no|nos|art|sec|jan|feb|aug|sept|oct|nov|dec)\\.)\\s+$`,
  'iu',
);

/** The words of a text. */
export function tokenise(text: string): string[] {
  const uniform = FORMS.reduce((before, [form, one]) => before.replace(form, one), text.toLowerCase());
  return (uniform.match(token) ?? []).map((word) => word.replace(number, 'N'));
}

/** The sentences of a text, as they stand in it. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const { 0: end, index } of text.matchAll(sentenceEnd)) {
    const sentence = text.slice(start, index + end.length);
    if (noEnd.test(sentence)) continue;
    sentences.push(sentence.trim());
    start = index + end.length;
  }
  const rest = text.slice(start).trim();
  return rest === '' ? sentences : [...sentences, rest];
}
