// Lines and words as Python reads them, since the word counts and dictionaries of the field were made with it: a line ends
// at \n, \r or \r\n and nowhere else, and words stand between what `str.split()` takes for white space. JavaScript's `\s`
// is another set: it lacks U+001C to U+001F and U+0085, and has U+FEFF.

/** First and last of each run of code points for which Python's `str.isspace` is true. */
const WHITE_SPACE: readonly (readonly [number, number])[] = [
  [0x0009, 0x000d],
  [0x001c, 0x0020],
  [0x0085, 0x0085],
  [0x00a0, 0x00a0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;
const spaces = WHITE_SPACE.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join('');
const word = new RegExp(`[^${spaces}]+`, 'g');

/** The lines of a text, without their ends. What follows the last end is a line unless it is empty. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The words of a line, or of any text. */
export function wordsOf(line: string): string[] {
  return line.match(word) ?? [];
}

/** Whether a text is more than white space. */
export function hasWords(text: string): boolean {
  return text.search(word) >= 0;
}
