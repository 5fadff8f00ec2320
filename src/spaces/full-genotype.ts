// The genotype with everything that a space holds: every operation on every edge of every cell.
import type { Genotype } from './genotype.js';
import {
  edgesOfNode,
  isOperation,
  type Operation,
  outputStates,
  perCellType,
  type SearchSpace,
} from './search-space.js';

/** Operations are listed by edge, then by primitive; all nodes are the output. */
export function fullGenotype<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
): Genotype<Name, Operation<Primitive>> {
  return perCellType(space.cellTypes, (cellType) => {
    const operations = cellType.primitives.filter(isOperation);
    const nodes = Array.from({ length: cellType.nodes }, (_, node) =>
      edgesOfNode(cellType, node).flatMap((_edge, input) =>
        operations.map((primitive) => ({ primitive, input })),
      ),
    );
    return { nodes, concat: outputStates(cellType) };
  });
}
