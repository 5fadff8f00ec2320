// Cells in DOT, Graphviz's language: states from left to right, an arrow for every operation. Colours are left to whoever
// renders it, by classes.
import type { ExportFile } from './export-file.js';

/** A cell as it is drawn: states 0 to inputs - 1 are its inputs, inputs + i is intermediate node i. */
export interface DrawnCell {
  /** States that the cell starts with. Default 2: the outputs of the two cells before it. */
  readonly inputs?: number;
  /** For every intermediate node the operations that enter it, each from the state `input`. */
  readonly nodes: readonly (readonly { readonly primitive: string; readonly input: number }[])[];
  /** The states whose concatenation is the cell's output. */
  readonly concat: readonly number[];
}

/** Cells by the names of their types. */
export type DrawnGenotype = Readonly<Record<string, DrawnCell>>;

/** A cell in DOT, with every input even where nothing uses it. */
export function cellToDot({ inputs = 2, ...cell }: DrawnCell): string {
  const sources = Array.from({ length: inputs }, (_, state) => state);
  const lines = [
    'digraph cell {',
    '  graph [rankdir=LR bgcolor=transparent nodesep=0.25 ranksep=0.45 margin=0.05]',
    '  node [shape=box style="rounded,filled" fontname=Helvetica fontsize=13 height=0.38 margin="0.12,0.05"]',
    '  edge [fontname=Helvetica fontsize=12 arrowsize=0.7]',
    `  { rank=source; ${sources.map((state) => `s${state}`).join('; ')} }`,
    ...sources.map((state) => `  s${state} [label="c_{k-${inputs - state}}" class=input]`),
    ...cell.nodes.map((_, node) => `  s${inputs + node} [label="${node}" class=intermediate]`),
    '  out [label="c_{k}" class=output]',
    ...cell.nodes.flatMap((entries, node) =>
      entries.map(
        ({ primitive, input }) =>
          `  s${input} -> s${inputs + node} [label=${quote(` ${primitive} `)} class=operation]`,
      ),
    ),
    ...cell.concat.map((state) => `  s${state} -> out [class=concat]`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

/** A DOT string. Ampersands begin references and backslashes escapes, in labels. */
function quote(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A file for each cell: `normal.dot` and `reduce.dot`. */
export function toDot(genotype: DrawnGenotype): ExportFile[] {
  return Object.entries(genotype).map(([type, cell]) => ({
    path: `${type}.dot`,
    content: cellToDot(cell),
  }));
}
