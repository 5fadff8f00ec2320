// What a genotype's text calls its parts.

/** The fields of one cell type. */
export interface CellFields {
  readonly nodes: string;
  readonly concat: string;
}

/**
 * `NAME` and `NAME_concat`; in DARTS's recurrent genotypes, whose only cell is `recurrent`, its states are `concat` alone.
 * `searchSpace` refuses names that would make two fields one.
 */
export function fieldsOf({ name }: { readonly name: string }): CellFields {
  return { nodes: name, concat: name === 'recurrent' ? 'concat' : `${name}_concat` };
}
