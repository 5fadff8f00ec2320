// What a genotype's text calls its parts.
//
// A form with names of its own finds its place here: DARTS's recurrent genotypes call the states of their only cell `concat`.

/** The fields of one cell type. */
export interface CellFields {
  readonly nodes: string;
  readonly concat: string;
}

export function fieldsOf({ name }: { readonly name: string }): CellFields {
  return { nodes: name, concat: `${name}_concat` };
}
