// The derivation rule of DARTS (Liu et al. 2019, Sec. 2.4): every node keeps its two strongest edges, of each the
// strongest operation. An edge is as strong as its most probable operation other than `none`, under the softmax over all
// candidates of the edge, `none` among them. Of equal ones the first is kept.
import { GenonnxError } from '../errors.js';
import type { Alphas, Parameterisation } from '../estimators/estimator.js';
import { probabilitiesOf } from '../estimators/probabilities.js';
import { CELL_INPUTS, type CellSpace, edgesOfNode } from './cell-space.js';
import type { CellGenotype, Genotype, GenotypeEntry } from './types.js';

/** Edges that a node keeps. */
const keptEdges = 2;

/** The genotype of both cells' alphas, operations by edge. @throws GenonnxError `shape`, `diverged`, `usage`. */
export function deriveByStrongestEdges(
  alphas: Alphas,
  space: CellSpace,
  parameterisation: Parameterisation,
): Genotype {
  return {
    normal: deriveCell(alphas.normal, space, parameterisation),
    reduce: deriveCell(alphas.reduce, space, parameterisation),
  };
}

interface Strongest extends GenotypeEntry {
  readonly probability: number;
}

function deriveCell(
  alphas: Float64Array,
  space: CellSpace,
  parameterisation: Parameterisation,
): CellGenotype {
  const probabilities = probabilitiesOf(alphas, space, { scope: 'edge', parameterisation });
  const nodes = Array.from({ length: space.nodes }, (_, node) =>
    edgesOfNode(node)
      .map((edge, input) => strongestOn(edge, input, probabilities, space))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, keptEdges)
      .sort((a, b) => a.input - b.input)
      .map(({ primitive, input }) => ({ primitive, input })),
  );
  return { nodes, concat: nodes.map((_, node) => CELL_INPUTS + node) };
}

/** The most probable operation of an edge. */
function strongestOn(
  edge: number,
  input: number,
  probabilities: Float64Array,
  { primitives }: CellSpace,
): Strongest {
  let strongest: Strongest | undefined;
  primitives.forEach((primitive, column) => {
    const probability = probabilities[edge * primitives.length + column] ?? 0;
    if (primitive === 'none' || (strongest !== undefined && strongest.probability >= probability)) return;
    strongest = { primitive, input, probability };
  });
  if (strongest !== undefined) return strongest;
  throw new GenonnxError('usage', 'There is nothing to derive: every candidate is `none`.', {
    expected: 'a primitive that computes something',
    found: primitives.join(', '),
  });
}
