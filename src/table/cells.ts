// Every cell of a space, each network once. Codes that differ in operations alone that the output does not depend on are one
// network, and share its row; a code whose output nothing reaches is none. An architecture string says which network it is, as
// NAS-Bench-201 writes them, node by node, with every operation of an edge:
//
//   |skip_connect~0|sep_conv_3x3~0|+|none~0|avg_pool_3x3~1|
//
// is a node of two operations on state 0, and one that reads nothing of state 0, and state 1 through a pooling.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
import { reachableGenotype } from '../spaces/reachable.js';
import {
  type CellType,
  inputsOfNode,
  isOperation,
  type Operation,
  outputStates,
  perCellType,
  type SearchSpace,
} from '../spaces/search-space.js';

export interface TableCell<Name extends string = string, Primitive extends string = string> {
  readonly architecture: string;
  /** How many codes of the space are this network. */
  readonly codes: number;
  /** A genotype of it, each of whose nodes has an operation; absent where nothing reaches the output. */
  readonly genotype?: Genotype<Name, Operation<Primitive>>;
}

/** Operations of all edges, of as many codes as two to their number. */
const mostOperations = 16;

/** The networks of the space, in the order of their codes. @throws GenonnxError `usage` for a space that is too large. */
export function tableCells<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
): TableCell<Name, Primitive>[] {
  const choices = space.cellTypes.flatMap((cellType) => choicesOf(cellType));
  requireSmall(space, choices.length);
  const found = new Map<string, TableCell<Name, Primitive>>();
  for (let code = 0; code < 2 ** choices.length; code++) {
    const open = choices.filter((_, bit) => (code & (1 << bit)) !== 0);
    const genotype: Genotype<Name, Operation<Primitive>> = perCellType(space.cellTypes, (cellType) =>
      cellOf(cellType, open),
    );
    const architecture = architectureOf(space, genotype);
    const own = found.get(architecture);
    found.set(
      architecture,
      own === undefined
        ? { architecture, codes: 1, ...networkOf(space, genotype) }
        : { ...own, codes: own.codes + 1 },
    );
  }
  return [...found.values()];
}

/** The architecture string of the network that a genotype is. */
export function architectureOf<Name extends string>(
  space: Pick<SearchSpace<Name>, 'cellTypes'>,
  genotype: Genotype<Name>,
): string {
  const reached = reachable(space, genotype);
  const texts = space.cellTypes.map((cellType) => [cellType.name, textOf(cellType, reached[cellType.name])]);
  return texts.length === 1 ? (texts[0]?.[1] ?? '') : texts.map((both) => both.join(':')).join(' ');
}

/** An operation that an edge may have. */
interface Choice<Primitive extends string> extends GenotypeEntry<Operation<Primitive>> {
  readonly cell: string;
  readonly node: number;
}

function choicesOf<Primitive extends string>(cellType: CellType<string, Primitive>): Choice<Primitive>[] {
  const operations = cellType.primitives.filter(isOperation);
  return Array.from({ length: cellType.nodes }, (_, node) =>
    Array.from({ length: inputsOfNode(cellType, node) }, (_edge, input) =>
      operations.map((primitive) => ({ cell: cellType.name, node, input, primitive })),
    ),
  ).flat(2);
}

function requireSmall({ name }: SearchSpace, operations: number): void {
  if (operations <= mostOperations) return;
  throw new GenonnxError('usage', 'The space is too large to train all of its networks.', {
    where: name,
    expected: `at most ${mostOperations} operations on all edges together, or ${2 ** mostOperations} codes`,
    found: `${operations}, or ${(2 ** operations).toPrecision(2)} codes`,
    cure: 'Declare fewer nodes or primitives, as the space of the table.',
  });
}

function cellOf<Primitive extends string>(
  cellType: CellType<string, Primitive>,
  open: readonly Choice<Primitive>[],
): CellGenotype<Operation<Primitive>> {
  const nodes = Array.from({ length: cellType.nodes }, (_, node) =>
    open
      .filter((choice) => choice.cell === cellType.name && choice.node === node)
      .map(({ primitive, input }) => ({ primitive, input })),
  );
  return { nodes, concat: outputStates(cellType) };
}

function reachable<Name extends string, Op extends string>(
  { cellTypes }: Pick<SearchSpace<Name>, 'cellTypes'>,
  genotype: Genotype<Name, Op>,
): Genotype<Name, Op> {
  const inputs = new Map(cellTypes.map((cellType) => [cellType.name, cellType.inputs]));
  return reachableGenotype(genotype, (name) => inputs.get(name) ?? 0);
}

/** A genotype of the network, if it is one: nodes that nothing depends on get an operation, since none of a genotype is empty. */
function networkOf<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
  genotype: Genotype<Name, Operation<Primitive>>,
): Pick<TableCell<Name, Primitive>, 'genotype'> {
  const reached = reachable(space, genotype);
  const isNetwork = space.cellTypes.every(({ name, inputs }) =>
    reached[name].concat.every((state) => (reached[name].nodes[state - inputs] ?? []).length > 0),
  );
  if (!isNetwork) return {};
  const whole: Genotype<Name, Operation<Primitive>> = perCellType(
    space.cellTypes,
    ({ name, primitives, derivation }) => {
      const { nodes, concat } = reached[name];
      const operations = primitives.filter(isOperation);
      const primitive = operations.find((one) => one === derivation.skip) ?? operations[0];
      if (primitive === undefined) throw new RangeError('a space without operations');
      return { nodes: nodes.map((node) => (node.length > 0 ? node : [{ primitive, input: 0 }])), concat };
    },
  );
  return { genotype: whole };
}

function textOf(cellType: CellType, { nodes }: CellGenotype): string {
  return nodes
    .map((entries, node) => {
      const edges = Array.from({ length: inputsOfNode(cellType, node) }, (_, input) => {
        const own = cellType.primitives.filter((primitive) =>
          entries.some((entry) => entry.input === input && entry.primitive === primitive),
        );
        return (own.length === 0 ? ['none'] : own).map((primitive) => `${primitive}~${input}`).join('|');
      });
      return `|${edges.join('|')}|`;
    })
    .join('+');
}
