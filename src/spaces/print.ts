// Writes genotypes. Parsing what is printed gives the genotype back. The form is DARTS's flat one, which every tool of the
// family reads, where each node has exactly two operations, and DATA's otherwise.
import type { CellGenotype, Genotype, GenotypeEntry } from './genotype.js';

/** A genotype as plain JSON data: the named tuple's four fields, a list of pairs for every node. */
export interface GenotypeJson {
  readonly normal: readonly (readonly (readonly [string, number])[])[];
  readonly normal_concat: readonly number[];
  readonly reduce: readonly (readonly (readonly [string, number])[])[];
  readonly reduce_concat: readonly number[];
}

/** One line of Python: `Genotype(normal=[...], ...)`, with `NAME = ` before it where a name is given. */
export function printGenotype(genotype: Genotype, name?: string): string {
  const { normal, reduce } = genotype;
  const flat = [...normal.nodes, ...reduce.nodes].every((node) => node.length === 2);
  const nodes = (cell: CellGenotype): string =>
    list(flat ? cell.nodes.flat().map(printEntry) : cell.nodes.map((node) => list(node.map(printEntry))));
  const fields = [
    `normal=${nodes(normal)}`,
    `normal_concat=${list(normal.concat)}`,
    `reduce=${nodes(reduce)}`,
    `reduce_concat=${list(reduce.concat)}`,
  ];
  return `${name === undefined ? '' : `${name} = `}Genotype(${fields.join(', ')})`;
}

/** The genotype as data for `JSON.stringify`; `parseGenotype` reads the result. */
export function toJson({ normal, reduce }: Genotype): GenotypeJson {
  const nodes = (cell: CellGenotype) =>
    cell.nodes.map((node) => node.map(({ primitive, input }) => [primitive, input] as const));
  return {
    normal: nodes(normal),
    normal_concat: normal.concat,
    reduce: nodes(reduce),
    reduce_concat: reduce.concat,
  };
}

function printEntry({ primitive, input }: GenotypeEntry): string {
  return `('${primitive}', ${input})`;
}

function list(items: readonly (string | number)[]): string {
  return `[${items.join(', ')}]`;
}
