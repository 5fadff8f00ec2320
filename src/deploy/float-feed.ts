// What an input of a model is given. A type of its own: a runtime's tensors bring its other types with them.

/** Numbers for an input, row by row: what a runtime's own tensors are, too. */
export interface FloatFeed {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}
