// Where in a network something is: paths such as `cells.3/node2/5.sep_conv_3x3@1/first/norm`, which nodes of graphs, values and
// slots carry, and the names of parameters, `cells.3._ops.5.op.1.weight`, which are those of the released PyTorch definitions.
// Whoever builds a network writes them by these functions, and whoever asks where a cost, a weight or a millisecond
// belongs reads them by `parsePath`, so that there is one grammar:
//
//   cells.CELL                                     a cell
//   cells.CELL/preprocessINPUT                     what brings one of its inputs to its channels
//   cells.CELL/nodeNODE                            an intermediate node
//   cells.CELL/nodeNODE/INDEX.PRIMITIVE@INPUT      an operation of a derived cell, by its index in the cell
//   cells.CELL/nodeNODE/EDGE.COLUMN.PRIMITIVE      a candidate of a supernet's cell
//   cells.CELL/output                              what joins the nodes
//
// and behind each of them whatever steps it takes inside.

/** All numbers count from 0. */
export type Place =
  | { readonly kind: 'cell' | 'output'; readonly cell: number }
  | { readonly kind: 'preprocess'; readonly cell: number; readonly input: number }
  | { readonly kind: 'node'; readonly cell: number; readonly node: number }
  | ({ readonly kind: 'operation'; readonly cell: number; readonly node: number } & OperationStep)
  | ({ readonly kind: 'candidate'; readonly cell: number; readonly node: number } & CandidateStep);

export interface OperationStep {
  /** Of the operation in its cell. */
  readonly index: number;
  readonly primitive: string;
  /** The state that it reads. */
  readonly input: number;
}

export interface CandidateStep {
  readonly edge: number;
  /** Of the primitive in its space. */
  readonly column: number;
  readonly primitive: string;
}

/** A place, and the steps behind it. */
export interface PlacedPath {
  readonly place: Place;
  readonly inside: readonly string[];
}

/** The steps of paths, as builders enter them one inside of the other. */
export const step = {
  cell: (cell: number): string => `cells.${cell}`,
  preprocess: (input: number): string => `preprocess${input}`,
  node: (node: number): string => `node${node}`,
  operation: ({ index, primitive, input }: OperationStep): string => `${index}.${primitive}@${input}`,
  candidate: ({ edge, column, primitive }: CandidateStep): string => `${edge}.${column}.${primitive}`,
  output: 'output',
} as const;

/** Names of parameters, or what they begin with. */
export const parameterName = {
  preprocess: (cell: number, input: number): string => `${step.cell(cell)}.${step.preprocess(input)}`,
  operation: (cell: number, index: number): string => `${step.cell(cell)}._ops.${index}`,
  candidate: (cell: number, edge: number, column: number): string =>
    `${step.cell(cell)}._ops.${edge}._ops.${column}`,
} as const;

/** The cell that a parameter of this name belongs to. Names come from anywhere: nobody has a million cells. */
export function cellOfParameter(name: string): number | undefined {
  return numberIn(/^cells\.(\d{1,6})\./, name);
}

/** Whether a parameter of this name is one of a supernet's candidates. */
export function isCandidateName(name: string): boolean {
  return /^cells\.\d+\._ops\.\d+\._ops\.\d+\./.test(name);
}

export function printPath({ place, inside }: PlacedPath): string {
  return [...stepsOf(place), ...inside].join('/');
}

/** Undefined for a path that begins in no cell. */
export function parsePath(path: string): PlacedPath | undefined {
  const [first = '', ...inside] = path.split('/');
  const cell = numberIn(/^cells\.(\d+)$/, first);
  return cell === undefined ? undefined : inCell(cell, inside);
}

function inCell(cell: number, steps: readonly string[]): PlacedPath {
  const [first = '', ...inside] = steps;
  if (first === step.output) return { place: { kind: 'output', cell }, inside };
  const input = numberIn(/^preprocess(\d+)$/, first);
  if (input !== undefined) return { place: { kind: 'preprocess', cell, input }, inside };
  const node = numberIn(/^node(\d+)$/, first);
  return node === undefined ? { place: { kind: 'cell', cell }, inside: steps } : inNode(cell, node, inside);
}

function inNode(cell: number, node: number, steps: readonly string[]): PlacedPath {
  const [first = '', ...inside] = steps;
  const [, index, operation, input] = /^(\d+)\.(\w+)@(\d+)$/.exec(first) ?? [];
  if (operation !== undefined) {
    const found = { index: Number(index), primitive: operation, input: Number(input) };
    return { place: { kind: 'operation', cell, node, ...found }, inside };
  }
  const [, edge, column, candidate] = /^(\d+)\.(\d+)\.(\w+)$/.exec(first) ?? [];
  if (candidate !== undefined) {
    const found = { edge: Number(edge), column: Number(column), primitive: candidate };
    return { place: { kind: 'candidate', cell, node, ...found }, inside };
  }
  return { place: { kind: 'node', cell, node }, inside: steps };
}

function stepsOf(place: Place): string[] {
  const cell = step.cell(place.cell);
  switch (place.kind) {
    case 'cell':
      return [cell];
    case 'output':
      return [cell, step.output];
    case 'preprocess':
      return [cell, step.preprocess(place.input)];
    case 'node':
      return [cell, step.node(place.node)];
    case 'operation':
      return [cell, step.node(place.node), step.operation(place)];
    case 'candidate':
      return [cell, step.node(place.node), step.candidate(place)];
  }
}

function numberIn(pattern: RegExp, text: string): number | undefined {
  const [, digits] = pattern.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
