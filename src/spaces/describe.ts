// Facts about a genotype that a search reports.
import type { CellGenotype, Genotype } from './genotype.js';
import { mapPerCellType, type PerCellType, perCellType, type SpaceForm } from './search-space.js';

/** Number of operations of each cell that pass a state on as it is; searches that collapse fill cells with them. */
export function countSkips<Name extends string>(
  genotype: Genotype<Name>,
  { cellTypes }: SpaceForm<Name>,
): PerCellType<Name, number> {
  return perCellType(
    cellTypes,
    ({ name, derivation }) =>
      genotype[name].nodes.flat().filter(({ primitive }) => primitive === derivation.skip).length,
  );
}

/** Number of operations of a cell. */
export function countOperations(cell: CellGenotype): number {
  return cell.nodes.flat().length;
}

/** Number of operations of each cell. */
export function operationCounts<Name extends string>(genotype: Genotype<Name>): PerCellType<Name, number> {
  return mapPerCellType(genotype, countOperations);
}
