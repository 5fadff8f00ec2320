// Writes genotypes. Parsing what is printed gives the genotype back. The form is DARTS's flat one, which every tool of the
// family reads, where each node has exactly as many operations as a node of its cell type keeps (two in convolutional
// cells, one in recurrent ones), and DATA's otherwise.
import { CONVOLUTIONAL_FORM, type ConvolutionalGenotype } from './convolutional.js';
import { fieldsOf } from './fields.js';
import type { CellGenotype, Genotype, GenotypeEntry } from './genotype.js';
import type { AnyGenotype } from './kinds.js';
import { ONE_CELL_FORM } from './one-cell.js';
import { RECURRENT_FORM, type RecurrentGenotype } from './recurrent.js';
import { type CellForm, nodeStates, type SpaceForm } from './search-space.js';

/** A genotype as plain JSON data: the named tuple's fields, a list of pairs for every node. */
export type GenotypeJson = Readonly<
  Record<string, readonly (readonly (readonly [string, number])[])[] | readonly number[]>
>;

/** One line of Python: `Genotype(normal=[...], ...)`, with `NAME = ` before it where a name is given. */
export function printGenotype(genotype: ConvolutionalGenotype, name?: string): string {
  return printGenotypeOf(CONVOLUTIONAL_FORM, genotype, name);
}

/** One line of Python: `Genotype(recurrent=[...], concat=range(1, 9))`, with `NAME = ` before it where a name is given. */
export function printRecurrentGenotype(genotype: RecurrentGenotype, name?: string): string {
  return printGenotypeOf(RECURRENT_FORM, genotype, name);
}

/** The same for a genotype of whichever kind. */
export function printAnyGenotype(found: AnyGenotype, name?: string): string {
  switch (found.kind) {
    case 'convolutional':
      return printGenotype(found.genotype, name);
    case 'recurrent':
      return printRecurrentGenotype(found.genotype, name);
    case 'one-cell':
      return printGenotypeOf(ONE_CELL_FORM, found.genotype, name);
  }
}

/** The same for a genotype of whatever space, which may be its form. */
export function printGenotypeOf<Name extends string>(
  { cellTypes }: SpaceForm<Name>,
  genotype: Genotype<Name>,
  name?: string,
): string {
  const flat = cellTypes.every((type) =>
    genotype[type.name].nodes.every((node) => node.length === type.derivation.kept),
  );
  const nodes = (cell: CellGenotype): string =>
    list(flat ? cell.nodes.flat().map(printEntry) : cell.nodes.map((node) => list(node.map(printEntry))));
  const fields = cellTypes.flatMap((type) => {
    const [cell, names] = [genotype[type.name], fieldsOf(type)];
    return [`${names.nodes}=${nodes(cell)}`, `${names.concat}=${states(cell, type)}`];
  });
  return `${name === undefined ? '' : `${name} = `}Genotype(${fields.join(', ')})`;
}

/** The genotype as data for `JSON.stringify`; the parsers read the result. */
export function toJson(genotype: Genotype): GenotypeJson {
  return Object.fromEntries(
    Object.entries(genotype).flatMap(([name, { nodes, concat }]) => {
      const names = fieldsOf({ name });
      const pairs = nodes.map((node) => node.map(({ primitive, input }) => [primitive, input] as const));
      return [[names.nodes, pairs] as const, [names.concat, concat] as const];
    }),
  );
}

/** Those of all nodes as a range, where that is how such texts have them. */
function states({ nodes, concat }: CellGenotype, type: CellForm): string {
  const all = nodeStates({ inputs: type.inputs, nodes: nodes.length });
  const isAll = concat.length === all.length && all.every((state, index) => concat[index] === state);
  return isAll && fieldsOf(type).allAs === 'range'
    ? `range(${type.inputs}, ${type.inputs + nodes.length})`
    : list(concat);
}

function printEntry({ primitive, input }: GenotypeEntry): string {
  return `('${primitive}', ${input})`;
}

function list(items: readonly (string | number)[]): string {
  return `[${items.join(', ')}]`;
}
