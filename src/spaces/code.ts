// A genotype as a code of the search space that it came from.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype } from './genotype.js';
import {
  edgesOfNode,
  entryCount,
  entryIndex,
  isOperation,
  nodeStates,
  outputStates,
  type SearchSpace,
  type Section,
  sections,
} from './search-space.js';

/**
 * The code (f64[entries] of the whole space, 0 or 1) under which a supernet over `space` computes the genotype: for
 * evaluating a derived child with the supernet's weights.
 * @throws `usage` where the space has no such code: other nodes or primitives, an operation that a node has twice, or a
 * output that is not that of the supernet's cells.
 */
export function codeOfGenotype<Name extends string>(
  genotype: Genotype<Name>,
  space: SearchSpace<Name>,
): Float64Array {
  const code = new Float64Array(entryCount(space));
  for (const section of sections(space)) fillCode(code, genotype[section.cellType.name], section);
  return code;
}

/** Into how many nodes of all cells no operation is open, by the gates of a code: u8[entries]. */
export function closedNodes(space: SearchSpace, gates: Uint8Array): number {
  return sections(space).reduce((count, section) => {
    const { cellType, start } = section;
    const { primitives } = cellType;
    const isOpen = (edge: number): boolean =>
      primitives.some(
        (primitive, column) =>
          isOperation(primitive) && gates[start + edge * primitives.length + column] !== 0,
      );
    const closed = nodeStates(cellType).filter((_, node) => !edgesOfNode(cellType, node).some(isOpen));
    return count + closed.length;
  }, 0);
}

/** Which operations of a code are open, by cell type and edge: a digit for each primitive, of gates u8[entries]. */
export function openOperations(space: SearchSpace, gates: Uint8Array): Record<string, string[]> {
  return Object.fromEntries(
    sections(space).map(({ cellType: { name, primitives }, start, end }) => {
      const digits = [...gates.subarray(start, end)].map((gate) => (gate === 0 ? '0' : '1')).join('');
      const width = primitives.length;
      const edges = Array.from({ length: digits.length / width }, (_, edge) =>
        digits.slice(edge * width, (edge + 1) * width),
      );
      return [name, edges];
    }),
  );
}

function fillCode(code: Float64Array, { nodes, concat }: CellGenotype, section: Section): void {
  const { cellType } = section;
  const { primitives } = cellType;
  const refuse = (expected: string, found: string): GenonnxError =>
    new GenonnxError('usage', 'The genotype lies outside the search space.', {
      where: `${cellType.name} cell`,
      expected,
      found,
      cure: 'Search in a space that holds it, or build it as a network of its own.',
    });
  if (nodes.length !== cellType.nodes) throw refuse(`${cellType.nodes} nodes`, `${nodes.length}`);
  const output = outputStates(cellType);
  if (output.length !== concat.length || output.some((state, at) => concat[at] !== state)) {
    const expected =
      cellType.output === 'last' ? 'the last node alone' : 'all intermediate nodes concatenated in order';
    throw refuse(expected, `[${concat.join(', ')}]`);
  }
  nodes.forEach((operations, node) => {
    for (const { primitive, input } of operations) {
      const entry = entryIndex(section, node, input, primitive);
      if (entry === undefined) throw refuse(`primitives ${primitives.join(', ')}`, primitive);
      if (code[entry] === 1)
        throw refuse('every operation once a node', `two ${primitive} on state ${input}`);
      code[entry] = 1;
    }
  });
}
