// Cells in DOT, Graphviz's language: states from left to right, an arrow for every operation. Colours are left to whoever
// renders it, by classes.
import type { ExportFile } from './export-file.js';

/** A cell as it is drawn: states 0 to inputs - 1 are its inputs, inputs + i is intermediate node i. */
export interface DrawnCell {
  /**
   * What surrounds the nodes. `convolutional`, by default: the outputs of the cells before it, and the concatenation of its own.
   * `recurrent`: x_t and h_{t-1}, which make state 0, and h_t, the mean of its states.
   */
  readonly form?: 'convolutional' | 'recurrent';
  /** States that the cell starts with. Default 2: the outputs of the two cells before it. A recurrent cell has one. */
  readonly inputs?: number;
  /** For every intermediate node the operations that enter it, each from the state `input`. */
  readonly nodes: readonly (readonly { readonly primitive: string; readonly input: number }[])[];
  /** The states whose concatenation, or mean, is the cell's output. */
  readonly concat: readonly number[];
}

/** Cells by the names of their types. */
export type DrawnGenotype = Readonly<Record<string, DrawnCell>>;

/** What is drawn around the nodes and their operations. */
interface Surroundings {
  /** States before the first node. */
  readonly inputs: number;
  readonly sources: readonly string[];
  /** What a node is called. */
  label(node: number): string;
  /** Whatever comes out; the states that do enter `out`. */
  readonly output: readonly string[];
}

/** A cell in DOT, with every input even where nothing uses it. */
export function cellToDot({ form = 'convolutional', inputs: given = 2, nodes, concat }: DrawnCell): string {
  const { inputs, sources, label, output } = form === 'recurrent' ? recurrent : convolutional(given);
  const lines = [
    'digraph cell {',
    '  graph [rankdir=LR bgcolor=transparent nodesep=0.25 ranksep=0.45 margin=0.05]',
    '  node [shape=box style="rounded,filled" fontname=Helvetica fontsize=13 height=0.38 margin="0.12,0.05"]',
    '  edge [fontname=Helvetica fontsize=12 arrowsize=0.7]',
    ...sources,
    ...nodes.map((_, node) => `  s${inputs + node} [label="${label(node)}" class=intermediate]`),
    ...output,
    ...nodes.flatMap((entries, node) =>
      entries.map(
        ({ primitive, input }) =>
          `  s${input} -> s${inputs + node} [label=${quote(` ${primitive} `)} class=operation]`,
      ),
    ),
    ...concat.map((state) => `  s${state} -> out [class=concat]`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function convolutional(inputs: number): Surroundings {
  const states = Array.from({ length: inputs }, (_, state) => state);
  return {
    inputs,
    sources: [
      `  { rank=source; ${states.map((state) => `s${state}`).join('; ')} }`,
      ...states.map((state) => `  s${state} [label="c_{k-${inputs - state}}" class=input]`),
    ],
    label: String,
    output: ['  out [label="c_{k}" class=output]'],
  };
}

/** Nodes are called as their states are counted: s_0 is 0. */
const recurrent: Surroundings = {
  inputs: 1,
  sources: [
    '  { rank=source; x; h }',
    '  x [label="x_{t}" class=input]',
    '  h [label="h_{t-1}" class=input]',
    '  s0 [label="0" class=intermediate]',
    '  x -> s0 [class=operation]',
    '  h -> s0 [class=operation]',
  ],
  label: (node) => String(node + 1),
  output: [
    '  out [label="mean" class=output]',
    '  next [label="h_{t}" class=output]',
    '  out -> next [class=operation]',
  ],
};

/** A DOT string. Ampersands begin references and backslashes escapes, in labels. */
function quote(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Each cell under its name; that of recurrent genotypes is drawn as one, and a single cell has one input. */
export function drawnCells(genotype: DrawnGenotype): (readonly [type: string, cell: DrawnCell])[] {
  return Object.entries(genotype).map(([type, cell]) => [
    type,
    type === 'recurrent' ? { form: type, ...cell } : type === 'cell' ? { inputs: 1, ...cell } : cell,
  ]);
}

/** A file for each cell: `normal.dot` and `reduce.dot`, or `recurrent.dot`. */
export function toDot(genotype: DrawnGenotype): ExportFile[] {
  return drawnCells(genotype).map(([type, cell]) => ({ path: `${type}.dot`, content: cellToDot(cell) }));
}
