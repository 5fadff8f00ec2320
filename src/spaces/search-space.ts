// A search space as data: an ordered list of cell types, each with the states that its cells start with, its intermediate
// nodes, and the primitives that compete on every edge. States are counted as DARTS counts them: 0 to inputs - 1 are the
// cell's inputs, inputs + i is intermediate node i. Node i has an edge from every earlier state, and the edges are numbered
// node by node; with two inputs
//
//   node 0: edges 0, 1 from states 0, 1;   node 1: edges 2, 3, 4 from states 0, 1, 2;   ...
//
// A vector over the space ("entries": alphas, codes, gates) is one flat vector: the cell types one behind the other, each
// row-major [edge][primitive]. `sections` says where each of them lies.
import { GenonnxError } from '../errors.js';

/** What the derivation of genotypes, and their texts, need to know of a cell type. */
export interface DerivationFacts<Primitive extends string = string> {
  /** Operations that a node keeps under the rules of the strongest; as many as a node has in a flat list of pairs. */
  readonly kept: number;
  /** The primitive that passes a state on as it is: cells of collapsed searches are full of it. */
  readonly skip?: Primitive;
  /** Skips of such a cell at which the stopping rule of DARTS+ ends a search; absent where the rule does not look at it. */
  readonly stoppingSkips?: number;
}

/** A cell type of which the number of nodes may be open: what texts and files of genotypes and alphas can be read by. */
export interface CellForm<Name extends string = string, Primitive extends string = string> {
  /** As genotypes, alphas files and journals call it: a letter, then letters, digits and underscores. */
  readonly name: Name;
  /** In words, for headings. */
  readonly title: string;
  /** States that a cell starts with, such as the outputs of the two cells before it. */
  readonly inputs: number;
  /** Intermediate nodes of a cell. */
  readonly nodes?: number;
  /** Whether a text may name inputs among the states that are the cell's output. Default: only nodes. */
  readonly inputsInOutput?: boolean;
  /** Which states are the output of the cells of a search: all nodes, where it says nothing, or the last one alone. */
  readonly output?: 'nodes' | 'last';
  /** Candidates of every edge, in the order of the entries. `none` is the absence of an operation. */
  readonly primitives: readonly Primitive[];
  readonly derivation: DerivationFacts<Primitive>;
}

/** A space, or what all spaces of a kind have in common. */
export interface SpaceForm<Name extends string = string, Primitive extends string = string> {
  readonly name: string;
  /** In the order of the entries. */
  readonly cellTypes: readonly CellForm<Name, Primitive>[];
}

/** What all cells of a type have in common. */
export interface CellType<Name extends string = string, Primitive extends string = string>
  extends CellForm<Name, Primitive> {
  readonly nodes: number;
}

/** The cell types of a network's cells, which are searched together. */
export interface SearchSpace<Name extends string = string, Primitive extends string = string>
  extends SpaceForm<Name, Primitive> {
  readonly cellTypes: readonly CellType<Name, Primitive>[];
}

/** One cell type and its entries: `start` up to, not including, `end` of the flat vector. */
export interface Section<Name extends string = string, Primitive extends string = string> {
  readonly cellType: CellType<Name, Primitive>;
  readonly start: number;
  readonly end: number;
}

/** A value for each cell type. */
export type PerCellType<Name extends string, Value> = { readonly [N in Name]: Value };

/** What else alphas files have beside the cell types. */
const TAKEN: readonly string[] = ['primitives', 'parameterisation', 'scope', 'samples', 'method'];

/** The space, if it is one. @throws GenonnxError `usage` for one that no search could have. */
export function searchSpace<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
): SearchSpace<Name, Primitive> {
  const refuse = (where: string, expected: string, found: string): GenonnxError =>
    new GenonnxError('usage', 'This is no search space.', {
      where: `${space.name}${where}`,
      expected,
      found: found || 'nothing',
    });
  const names = space.cellTypes.map(({ name }) => name);
  if (names.length === 0) throw refuse('', 'a cell type', 'none');
  if (new Set(names).size !== names.length) throw refuse('', 'names that differ', names.join(', '));
  for (const { name, inputs, nodes, primitives, derivation } of space.cellTypes) {
    const where = `: ${name}`;
    // Genotypes have a field for the nodes and one for the states of each (`fields.ts`).
    if (!/^[A-Za-z]\w*$/.test(name) || /(?:^|_)concat$/.test(name) || TAKEN.includes(name)) {
      throw refuse(
        where,
        `a name of letters, digits and underscores, not ${TAKEN.join(', ')}, concat, NAME_concat`,
        name,
      );
    }
    const counts = { inputs, nodes, kept: derivation.kept };
    for (const [field, count] of Object.entries(counts)) {
      if (!Number.isInteger(count) || count < 1) throw refuse(`${where}.${field}`, 'at least 1', `${count}`);
    }
    if (primitives.length === 0) throw refuse(`${where}.primitives`, 'at least one', '');
    if (new Set(primitives).size !== primitives.length)
      throw refuse(`${where}.primitives`, 'every primitive once', primitives.join(', '));
  }
  return space;
}

/** The offset table: where each cell type's entries lie in a flat vector over the space. */
export function sections<Name extends string, Primitive extends string>({
  cellTypes,
}: Pick<SearchSpace<Name, Primitive>, 'cellTypes'>): Section<Name, Primitive>[] {
  let start = 0;
  return cellTypes.map((cellType) => {
    const section = { cellType, start, end: start + cellEntryCount(cellType) };
    start = section.end;
    return section;
  });
}

/** Where the entries of the cell type of that name lie. */
export function sectionOf<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
  name: Name,
): Section<Name, Primitive> {
  const section = sections(space).find(({ cellType }) => cellType.name === name);
  if (section !== undefined) return section;
  throw new RangeError(`The space ${space.name} has no cell type ${name}.`);
}

/** Number of entries of the whole space. */
export function entryCount({ cellTypes }: Pick<SearchSpace, 'cellTypes'>): number {
  return cellTypes.reduce((sum, cellType) => sum + cellEntryCount(cellType), 0);
}

/** Number of entries of one cell type. */
export function cellEntryCount(cellType: Pick<CellType, 'inputs' | 'nodes' | 'primitives'>): number {
  return edgeCount(cellType) * cellType.primitives.length;
}

/** Number of states that enter intermediate node `node`. */
export function inputsOfNode({ inputs }: Pick<CellType, 'inputs'>, node: number): number {
  return inputs + node;
}

/** The edge from state `input` into intermediate node `node`. */
export function edgeIndex(cellType: Pick<CellType, 'inputs'>, node: number, input: number): number {
  return firstEdge(cellType, node) + input;
}

/** The edges into intermediate node `node`, in the order of their input states. */
export function edgesOfNode(cellType: Pick<CellType, 'inputs'>, node: number): number[] {
  return Array.from({ length: inputsOfNode(cellType, node) }, (_, input) => edgeIndex(cellType, node, input));
}

/** Number of edges of a cell. */
export function edgeCount(cellType: Pick<CellType, 'inputs' | 'nodes'>): number {
  return firstEdge(cellType, cellType.nodes);
}

/** The entry of a primitive on the state `input` of node `node`; undefined where it is none of the cell type's. */
export function entryIndex(
  { cellType, start }: Section,
  node: number,
  input: number,
  primitive: string,
): number | undefined {
  const { primitives } = cellType;
  const column = primitives.indexOf(primitive);
  return column < 0 ? undefined : start + edgeIndex(cellType, node, input) * primitives.length + column;
}

/** The states of a cell's intermediate nodes. */
export function nodeStates({ inputs, nodes }: Pick<CellType, 'inputs' | 'nodes'>): number[] {
  return Array.from({ length: nodes }, (_, node) => inputs + node);
}

/** The states that are the output of every cell of a search. */
export function outputStates(cellType: Pick<CellType, 'inputs' | 'nodes' | 'output'>): number[] {
  return nodeStates(cellType).slice(cellType.output === 'last' ? -1 : 0);
}

/** A primitive that computes something; `none` is the absence of an operation. */
export type Operation<Primitive extends string> = Exclude<Primitive, 'none'>;

export function isOperation<Primitive extends string>(
  primitive: Primitive,
): primitive is Operation<Primitive> {
  return primitive !== 'none';
}

/** What `of` says of each, in order, under their names. */
export function perCellType<Name extends string, Item extends { readonly name: Name }, Value>(
  cellTypes: readonly Item[],
  of: (cellType: Item, index: number) => Value,
): PerCellType<Name, Value> {
  const values: { [N in Name]?: Value } = {};
  cellTypes.forEach((cellType, index) => {
    values[cellType.name] = of(cellType, index);
  });
  if (hasAll(values, cellTypes)) return values;
  throw new RangeError('a cell type without a value');
}

/** What `of` says of each cell type and where its entries lie. */
export function perSection<Name extends string, Primitive extends string, Value>(
  space: SearchSpace<Name, Primitive>,
  of: (section: Section<Name, Primitive>) => Value,
): PerCellType<Name, Value> {
  return perCellType(
    sections(space).map((section) => ({ name: section.cellType.name, section })),
    ({ section }) => of(section),
  );
}

/** What `of` makes of each value, under the same names and in the same order. */
export function mapPerCellType<Name extends string, From, To>(
  values: PerCellType<Name, From>,
  of: (value: From, name: Name) => To,
): PerCellType<Name, To> {
  const names: { readonly name: Name }[] = [];
  for (const name in values) names.push({ name });
  return perCellType(names, ({ name }) => of(values[name], name));
}

function hasAll<Name extends string, Value>(
  values: { readonly [N in Name]?: Value },
  cellTypes: readonly { readonly name: Name }[],
): values is PerCellType<Name, Value> {
  return cellTypes.every(({ name }) => Object.hasOwn(values, name));
}

/** One vector of a vector for each cell type. @throws GenonnxError `shape` where one has not as many entries as its type. */
export function joinSections(
  space: SearchSpace,
  values: PerCellType<string, ArrayLike<number>>,
): Float64Array {
  const joined = new Float64Array(entryCount(space));
  for (const { cellType, start, end } of sections(space)) {
    const own = values[cellType.name] ?? [];
    if (own.length !== end - start) {
      throw new GenonnxError('shape', 'The values do not fit the search space.', {
        where: `${cellType.name} cell`,
        expected: `${end - start} values`,
        found: `${own.length}`,
      });
    }
    joined.set(own, start);
  }
  return joined;
}

/** sum over n < node of (inputs + n). */
function firstEdge({ inputs }: Pick<CellType, 'inputs'>, node: number): number {
  return inputs * node + (node * (node - 1)) / 2;
}
