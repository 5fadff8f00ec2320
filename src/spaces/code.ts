// A genotype as a code of the search space that it came from.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype } from './genotype.js';
import { CELL_INPUTS, type CellSpace, type CellType, edgeIndex, entryCount } from './search-space.js';

/**
 * The code (f64[entries] a cell type, 0 or 1) under which a supernet over `space` computes the genotype: for evaluating a
 * derived child with the supernet's weights.
 * @throws `usage` where the space has no such code: other nodes or primitives, an operation that a node has twice, or a
 * node that is not concatenated (a supernet concatenates all).
 */
export function codeOfGenotype(genotype: Genotype, space: CellSpace): Record<CellType, Float64Array> {
  return {
    normal: codeOfCell(genotype.normal, space, 'normal'),
    reduce: codeOfCell(genotype.reduce, space, 'reduce'),
  };
}

function codeOfCell({ nodes, concat }: CellGenotype, space: CellSpace, type: CellType): Float64Array {
  const refuse = (expected: string, found: string): GenonnxError =>
    new GenonnxError('usage', 'The genotype lies outside the search space.', {
      where: `${type} cell`,
      expected,
      found,
      cure: 'Search in a space that holds it, or build it as a network of its own.',
    });
  if (nodes.length !== space.nodes) throw refuse(`${space.nodes} nodes`, `${nodes.length}`);
  if (nodes.some((_, node) => concat[node] !== CELL_INPUTS + node)) {
    throw refuse('all intermediate nodes concatenated in order', `[${concat.join(', ')}]`);
  }
  const code = new Float64Array(entryCount(space));
  nodes.forEach((operations, node) => {
    for (const { primitive, input } of operations) {
      const candidate = space.primitives.indexOf(primitive);
      if (candidate < 0) throw refuse(`primitives ${space.primitives.join(', ')}`, primitive);
      const entry = edgeIndex(node, input) * space.primitives.length + candidate;
      if (code[entry] === 1)
        throw refuse('every operation once a node', `two ${primitive} on state ${input}`);
      code[entry] = 1;
    }
  });
  return code;
}
