// Columns of text for a terminal.

export type Alignment = 'left' | 'right';

export interface Column {
  /** One or more lines; the last one stands above the values. */
  readonly heading: readonly string[];
  readonly alignment: Alignment;
  readonly values: readonly string[];
}

const gap = '  ';

/** Headings and values below each other; nothing for no columns. */
export function columnsText(columns: readonly Column[]): string {
  const headingLines = Math.max(0, ...columns.map(({ heading }) => heading.length));
  const cells = columns.map(({ heading, alignment, values }) => {
    const lines = [...Array.from({ length: headingLines - heading.length }, () => ''), ...heading, ...values];
    const width = Math.max(...lines.map((line) => line.length));
    return lines.map((line) => (alignment === 'left' ? line.padEnd(width) : line.padStart(width)));
  });
  return (cells[0] ?? [])
    .map((_, line) =>
      cells
        .map((column) => column[line] ?? '')
        .join(gap)
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values, a line each; the lines of a value stand below each other. */
export function entriesText(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries
    .map(
      ([name, value]) =>
        `${name.padEnd(width)}${gap}${value.replaceAll('\n', `\n${' '.repeat(width)}${gap}`)}`,
    )
    .join('\n');
}
