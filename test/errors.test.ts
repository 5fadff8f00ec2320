// How errors read: each says what is wrong in a sentence, and cures in others, so that they read alike wherever they arise.
import { describe, expect, it } from 'vitest';
import { readSources } from './support/sources.js';
import { textsAt } from './support/texts.js';

const sources = readSources();

/** A capital letter, a name in quotes or one that is written small; a place of an expression may be anything. */
const beginning = /^(?:[A-Z`'x]|--|onnxruntime-web |torch\.save )/;
/** A full stop or a question mark, unless a command or a path ends it. */
const ending = /[.?]$|[x)]$|: genonnx [^.]*$/;
const isSentence = (text: string) => beginning.test(text) && ending.test(text);

describe('errors', () => {
  const found = (where: 'summary' | 'cure') =>
    sources.flatMap(({ file, source }) =>
      textsAt(source, where).map(({ text, line }) => ({ text, place: `${file}:${line} ${text}` })),
    );

  it.each(['summary', 'cure'] as const)('have a sentence for a %s', (where) => {
    const texts = found(where);
    expect(texts.length).toBeGreaterThan(150);
    expect(texts.filter(({ text }) => !isSentence(text)).map(({ place }) => place)).toEqual([]);
  });
});
