/**
 * The words of a text, as a vocabulary has them: `Don't go.` becomes `do`, `n't`, `go`, `.` where those are its words. Every line
 * break is an `<eos>`, and what the vocabulary does not have becomes `<unk>`, where it has these. Punctuation that it does not
 * have is left out.
 */
export function wordsOf(text: string, isKnown: (word: string) => boolean): string[];

/**
 * Words as a text that reads well: punctuation without the space before it, capitals at the beginning of sentences, and a
 * line for each `<eos>`. The text of the first words is always the beginning of the text of more of them.
 */
export function textOf(words: readonly string[]): string;
