// Facts about a genotype that a search reports.

import type { CellGenotype, Genotype } from './genotype.js';
import type { CellType } from './search-space.js';

/** Number of `skip_connect` operations of each cell; searches that collapse fill the normal cell with them. */
export function countSkips({ normal, reduce }: Genotype): Record<CellType, number> {
  return { normal: countIn(normal), reduce: countIn(reduce) };
}

/** Number of operations of a cell. */
export function countOperations(cell: CellGenotype): number {
  return cell.nodes.flat().length;
}

function countIn(cell: CellGenotype): number {
  return cell.nodes.flat().filter(({ primitive }) => primitive === 'skip_connect').length;
}
