// The derivation rules of methods that keep a fixed number of operations a node (`derivation.kept` of the cell type: two in
// convolutional cells, one in recurrent ones, where the two rules are one). In both an operation is as strong as it is probable
// under the softmax over all candidates of its edge, `none` among them, and `none` itself is never kept. Of equal ones the first is.
//
//   DARTS (Liu et al. 2019, Sec. 2.4): the strongest edges of a node, of each the strongest operation, or so many of them (as
//   Table 7 of DATA has it); an edge is as strong as its strongest operation.
//   GDAS (Dong and Yang 2019, as released): the strongest operations of a node, on whichever edges, even on one.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
import {
  edgesOfNode,
  isOperation,
  type Operation,
  outputStates,
  perSection,
  type SearchSpace,
  type Section,
} from '../spaces/search-space.js';
import type { Parameterisation } from './estimator.js';
import { probabilitiesOf } from './probabilities.js';

/** DARTS's genotype of alphas, f64[entries], operations by edge. @throws GenonnxError `shape`, `diverged`, `usage`. */
export function deriveByStrongestEdges<Name extends string, Primitive extends string>(
  alphas: Float64Array,
  space: SearchSpace<Name, Primitive>,
  parameterisation: Parameterisation,
  operationsOfEdge = 1,
): Genotype<Name, Operation<Primitive>> {
  if (!Number.isInteger(operationsOfEdge) || operationsOfEdge < 1) {
    throw new GenonnxError('usage', 'An edge cannot keep so many operations.', {
      where: '`operations`',
      expected: 'a whole number, at least 1',
      found: String(operationsOfEdge),
    });
  }
  const probabilities = probabilitiesOf(alphas, space, { scope: 'edge', parameterisation });
  return perSection(space, (section) =>
    strongestOf(section, probabilities, (all) => [strongest(all).slice(0, operationsOfEdge)]),
  );
}

/**
 * GDAS's genotype of alphas, f64[entries], operations by edge, then by primitive.
 * @throws GenonnxError `shape`, `diverged`, `usage`.
 */
export function deriveByStrongestOperations<Name extends string, Primitive extends string>(
  alphas: Float64Array,
  space: SearchSpace<Name, Primitive>,
  parameterisation: Parameterisation,
): Genotype<Name, Operation<Primitive>> {
  const probabilities = probabilitiesOf(alphas, space, { scope: 'edge', parameterisation });
  return perSection(space, (section) =>
    strongestOf(section, probabilities, (all) => all.map((one) => [one])),
  );
}

interface Strongest<Primitive extends string> extends GenotypeEntry<Operation<Primitive>> {
  readonly probability: number;
  /** Of the primitive. */
  readonly column: number;
}

/** `candidates` says which operations of an edge compete for a place, each alone or with those that it brings, strongest first. */
function strongestOf<Primitive extends string>(
  section: Section<string, Primitive>,
  probabilities: Float64Array,
  candidates: (operations: Strongest<Primitive>[]) => Strongest<Primitive>[][],
): CellGenotype<Operation<Primitive>> {
  const { cellType } = section;
  const { kept } = cellType.derivation;
  const nodes = Array.from({ length: cellType.nodes }, (_, node) => {
    const competing = edgesOfNode(cellType, node).flatMap((edge, input) =>
      candidates(operationsOn(edge, input, probabilities, section)),
    );
    const strength = (together: Strongest<Primitive>[]): number => together[0]?.probability ?? 0;
    const chosen = competing.toSorted((a, b) => strength(b) - strength(a)).slice(0, kept);
    return competing
      .filter((together) => chosen.includes(together))
      .flatMap((together) => together.toSorted((a, b) => a.column - b.column))
      .map(({ primitive, input }) => ({ primitive, input }));
  });
  return { nodes, concat: outputStates(cellType) };
}

/** The operations of an edge, at least one, in the order of the primitives. */
function operationsOn<Primitive extends string>(
  edge: number,
  input: number,
  probabilities: Float64Array,
  { cellType: { name, primitives }, start }: Section<string, Primitive>,
): Strongest<Primitive>[] {
  const first = start + edge * primitives.length;
  const operations = primitives.flatMap((primitive, column): Strongest<Primitive>[] =>
    isOperation(primitive)
      ? [{ primitive, input, column, probability: probabilities[first + column] ?? 0 }]
      : [],
  );
  if (operations.length > 0) return operations;
  throw new GenonnxError('usage', 'There is nothing to derive: every candidate is `none`.', {
    where: `${name} cell`,
    expected: 'a primitive that computes something',
    found: primitives.join(', '),
  });
}

/** Of equal ones the first stays first. */
function strongest<Primitive extends string>(
  operations: readonly Strongest<Primitive>[],
): Strongest<Primitive>[] {
  return operations.toSorted((a, b) => b.probability - a.probability);
}
