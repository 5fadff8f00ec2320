// Which operations of a cell its output depends on. An operation that reads a node into which nothing flows adds nothing, and
// neither does one that enters a node which no path leads on from to the output: cells that differ in such operations alone are
// one network.
import type { CellGenotype, Genotype, GenotypeEntry } from './genotype.js';
import { mapPerCellType } from './search-space.js';

/**
 * The genotype without the operations that its cells' outputs do not depend on; nodes that have none left stay, empty.
 * @param inputs of each cell type's cells.
 */
export function reachableGenotype<Name extends string, Op extends string>(
  genotype: Genotype<Name, Op>,
  inputs: (cellType: Name) => number,
): Genotype<Name, Op> {
  return mapPerCellType(genotype, (cell, name) => reachableCell(cell, inputs(name)));
}

/** The same for one cell; none of its operations is left where no path leads through it. */
export function reachableCell<Op extends string>(
  { nodes, concat }: CellGenotype<Op>,
  inputs: number,
): CellGenotype<Op> {
  const alive = Array.from({ length: inputs }, () => true);
  const fed = nodes.map((entries) => {
    const kept = entries.filter(({ input }) => alive[input] === true);
    alive.push(kept.length > 0);
    return kept;
  });
  const wanted = new Set(concat);
  const read: (readonly GenotypeEntry<Op>[])[] = [];
  for (const [node, entries] of [...fed.entries()].reverse()) {
    const kept = wanted.has(inputs + node) ? entries : [];
    for (const { input } of kept) wanted.add(input);
    read.unshift(kept);
  }
  return { nodes: read, concat };
}
