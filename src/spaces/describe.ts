// Facts about a genotype that a search reports.
import type { CellGenotype, Genotype } from './genotype.js';
import { mapPerCellType, type PerCellType, type SpaceForm } from './search-space.js';

/**
 * Number of operations of each cell that pass a state on as it is; searches that collapse fill cells with them. Cell types whose
 * space has no such operation are left out.
 */
export function countSkips<Name extends string>(
  genotype: Genotype<Name>,
  { cellTypes }: SpaceForm<Name>,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name, derivation } of cellTypes) {
    if (derivation.skip === undefined) continue;
    const operations = genotype[name].nodes.flat();
    counts[name] = operations.filter(({ primitive }) => primitive === derivation.skip).length;
  }
  return counts;
}

/** Number of operations of a cell. */
export function countOperations(cell: CellGenotype): number {
  return cell.nodes.flat().length;
}

/** Number of operations of each cell. */
export function operationCounts<Name extends string>(genotype: Genotype<Name>): PerCellType<Name, number> {
  return mapPerCellType(genotype, countOperations);
}
