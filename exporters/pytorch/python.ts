// Python literals in lines of at most 100 columns. Text may come from anywhere: whatever is not plainly visible is
// escaped, so that no text can end its literal, or show a reader something else than Python reads.

const lineWidth = 100;
const indentation = 4;

/** Letters, digits, punctuation, symbols and the space; not control or formatting characters, nor lone surrogates. */
const visible = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** A string literal on one line. */
export function pythonString(text: string): string {
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"';
  return quote + escapeAll(text, quote).join('') + quote;
}

/** A string literal; one too long for a line becomes several in parentheses, which Python joins. */
function stringLines(text: string, indent: number, lead: string): string[] {
  const pad = ' '.repeat(indent);
  const line = `${pad}${lead}${pythonString(text)},`;
  if (columns(line) <= lineWidth) return [line];
  const room = lineWidth - indent - indentation - 2;
  const pieces: string[] = [''];
  for (const character of escapeAll(text, '"')) {
    const piece = pieces[pieces.length - 1] ?? '';
    if (columns(piece + character) > room) pieces.push(character);
    else pieces[pieces.length - 1] = piece + character;
  }
  const inner = ' '.repeat(indent + indentation);
  return [`${pad}${lead}(`, ...pieces.map((piece) => `${inner}"${piece}"`), `${pad}),`];
}

/** The lines of a list, ended by a comma: one line where that fits, else one for each item. */
export function listLines(items: readonly string[], indent: number, lead = ''): string[] {
  const pad = ' '.repeat(indent);
  const line = `${pad}${lead}[${items.join(', ')}],`;
  if (columns(line) <= lineWidth) return [line];
  const inner = ' '.repeat(indent + indentation);
  return [`${pad}${lead}[`, ...items.map((item) => `${inner}${item},`), `${pad}],`];
}

/** The lines of a dictionary of strings, each key on a line of its own. */
export function dictionaryLines(entries: readonly (readonly [string, string])[], lead: string): string[] {
  if (entries.length === 0) return [`${lead}{}`];
  const items = entries.flatMap(([key, value]) => stringLines(value, indentation, `${pythonString(key)}: `));
  return [`${lead}{`, ...items, '}'];
}

/** Each character as it is written within a literal. */
function escapeAll(text: string, quote: string): string[] {
  return [...text].map((character) => {
    if (character === quote || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    if (visible.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
  });
}

/** Characters, not UTF-16 units. */
function columns(line: string): number {
  return [...line].length;
}
