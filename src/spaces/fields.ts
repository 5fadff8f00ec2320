// What a genotype's text calls its parts.
import type { SpaceForm } from './search-space.js';

/** The fields of one cell type. */
export interface CellFields {
  readonly nodes: string;
  readonly concat: string;
  /** How the states are written where they are those of all nodes, in order: `[2, 3]`, or `range(2, 4)`. */
  readonly allAs: 'list' | 'range';
}

/**
 * `NAME` and `NAME_concat`; in DARTS's recurrent genotypes, whose only cell is `recurrent`, its states are `concat` alone, and
 * written as a range. `searchSpace` refuses names that would make two fields one.
 */
export function fieldsOf({ name }: { readonly name: string }): CellFields {
  return name === 'recurrent'
    ? { nodes: name, concat: 'concat', allAs: 'range' }
    : { nodes: name, concat: `${name}_concat`, allAs: 'list' };
}

/** All of them, in the order of the named tuple's positional arguments. */
export function fieldNames({ cellTypes }: SpaceForm): string[] {
  return cellTypes.flatMap((type) => {
    const { nodes, concat } = fieldsOf(type);
    return [nodes, concat];
  });
}
