// The derivation rules of methods that keep two operations a node. In both an operation is as strong as it is probable under
// the softmax over all candidates of its edge, `none` among them, and `none` itself is never kept. Of equal ones the first is.
//
//   DARTS (Liu et al. 2019, Sec. 2.4): the two strongest edges of a node, of each the strongest operation.
//   GDAS (Dong and Yang 2019, as released): the two strongest operations of a node, on whichever edges, even on one.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
import { CELL_INPUTS, type CellSpace, edgesOfNode } from '../spaces/search-space.js';
import type { Alphas, Parameterisation } from './estimator.js';
import { probabilitiesOf } from './probabilities.js';

/** Operations that a node keeps. */
const kept = 2;

/** DARTS's genotype of both cells' alphas, operations by edge. @throws GenonnxError `shape`, `diverged`, `usage`. */
export function deriveByStrongestEdges(
  alphas: Alphas,
  space: CellSpace,
  parameterisation: Parameterisation,
): Genotype {
  const candidates = (operations: Strongest[]): Strongest[] => [strongest(operations)];
  return {
    normal: deriveCell(alphas.normal, space, parameterisation, candidates),
    reduce: deriveCell(alphas.reduce, space, parameterisation, candidates),
  };
}

/** GDAS's genotype of both cells' alphas, operations by edge, then by primitive. @throws GenonnxError `shape`, `diverged`, `usage`. */
export function deriveByStrongestOperations(
  alphas: Alphas,
  space: CellSpace,
  parameterisation: Parameterisation,
): Genotype {
  const candidates = (operations: Strongest[]): Strongest[] => operations;
  return {
    normal: deriveCell(alphas.normal, space, parameterisation, candidates),
    reduce: deriveCell(alphas.reduce, space, parameterisation, candidates),
  };
}

interface Strongest extends GenotypeEntry {
  readonly probability: number;
}

/** `candidates` says which operations of an edge compete for a place. */
function deriveCell(
  alphas: Float64Array,
  space: CellSpace,
  parameterisation: Parameterisation,
  candidates: (operations: Strongest[]) => Strongest[],
): CellGenotype {
  const probabilities = probabilitiesOf(alphas, space, { scope: 'edge', parameterisation });
  const nodes = Array.from({ length: space.nodes }, (_, node) => {
    const competing = edgesOfNode(node).flatMap((edge, input) =>
      candidates(operationsOn(edge, input, probabilities, space)),
    );
    const chosen = competing.toSorted((a, b) => b.probability - a.probability).slice(0, kept);
    return competing
      .filter((operation) => chosen.includes(operation))
      .map(({ primitive, input }) => ({ primitive, input }));
  });
  return { nodes, concat: nodes.map((_, node) => CELL_INPUTS + node) };
}

/** The operations of an edge, at least one, in the order of the primitives. */
function operationsOn(
  edge: number,
  input: number,
  probabilities: Float64Array,
  { primitives }: CellSpace,
): Strongest[] {
  const operations = primitives.flatMap((primitive, column): Strongest[] =>
    primitive === 'none'
      ? []
      : [{ primitive, input, probability: probabilities[edge * primitives.length + column] ?? 0 }],
  );
  if (operations.length > 0) return operations;
  throw new GenonnxError('usage', 'There is nothing to derive: every candidate is `none`.', {
    expected: 'a primitive that computes something',
    found: primitives.join(', '),
  });
}

function strongest(operations: readonly Strongest[]): Strongest {
  return operations.reduce((best, next) => (next.probability > best.probability ? next : best));
}
