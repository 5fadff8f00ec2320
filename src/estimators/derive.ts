// Derivation: the genotype that a search's alphas stand for. For each group (an edge, or all edges into a node) the set S
// of the i most probable entries is taken, i = 1..min(M, K), that maximises P(EGS code = exactly S). For a given size that
// probability is largest for the most probable entries, so that S is the mode of the EGS distribution; of equally probable
// sizes the smallest is taken, and of equally probable entries the first.
//
// In node scope the `none` entries of all edges into the node are one entry with the sum of their probabilities, as in the
// released code: which edge is left out makes no difference. `none` in S is dropped from the genotype.
//
// Deviation: a node that would end up empty keeps its most probable operation; the released code leaves it empty.
import { GenonnxError } from '../errors.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
import {
  edgeIndex,
  isOperation,
  type Operation,
  outputStates,
  perSection,
  type SearchSpace,
  type Section,
} from '../spaces/search-space.js';
import { prefixCodeProbabilities } from './closed-forms.js';
import type { Parameterisation, Scope } from './estimator.js';
import { nodeEntries, sectionGroups } from './groups.js';
import { probabilitiesOf } from './probabilities.js';

/** How alphas are to be read. */
export interface DerivationRule {
  /** M, the number of samples. */
  readonly samples: number;
  readonly scope: Scope;
  readonly parameterisation: Parameterisation;
}

/**
 * The genotype of alphas, f64[entries]; operations are listed by edge, then by primitive. All nodes are part of a cell's
 * output. @throws `shape`, `usage`, `diverged`.
 */
export function deriveGenotype<Name extends string, Primitive extends string>(
  alphas: Float64Array,
  space: SearchSpace<Name, Primitive>,
  rule: DerivationRule,
): Genotype<Name, Operation<Primitive>> {
  const probabilities = probabilitiesOf(alphas, space, rule);
  return perSection(space, (section) => deriveCell(section, probabilities, rule));
}

function deriveCell<Primitive extends string>(
  section: Section<string, Primitive>,
  probabilities: Float64Array,
  rule: DerivationRule,
): CellGenotype<Operation<Primitive>> {
  const { cellType } = section;
  const kept = new Set<number>();
  for (const { start, end } of sectionGroups(section, rule.scope)) {
    const candidates = candidatesOf(probabilities, section, start, end);
    for (const { entry } of mostProbableSet(candidates, rule.samples)) {
      if (entry !== undefined) kept.add(entry);
    }
  }
  const nodes = Array.from({ length: cellType.nodes }, (_, node) => {
    const { start, end } = nodeEntries(section, node);
    const operations = candidatesOf(probabilities, section, start, end).flatMap(({ entry }) => entry ?? []);
    const chosen = operations.filter((entry) => kept.has(entry));
    const entries = chosen.length > 0 ? chosen : [mostProbable(operations, probabilities)];
    return entries.map((entry) => genotypeEntry(entry, node, section));
  });
  return { nodes, concat: outputStates(cellType) };
}

/** What may be in S: an operation's entry, or (undefined) `none` on whatever edge. */
interface Candidate {
  readonly entry: number | undefined;
  readonly probability: number;
}

/** The candidates of entries `start` to `end`: `none` of all edges as one, first, then the operations in order. */
function candidatesOf(
  probabilities: Float64Array,
  section: Section,
  start: number,
  end: number,
): Candidate[] {
  const operations: Candidate[] = [];
  let none = 0;
  for (let entry = start; entry < end; entry++) {
    const probability = probabilities[entry]!;
    if (primitiveAt(entry, section) === 'none') none += probability;
    else operations.push({ entry, probability });
  }
  return section.cellType.primitives.includes('none')
    ? [{ entry: undefined, probability: none }, ...operations]
    : operations;
}

/** The mode of the EGS distribution over the candidates. */
function mostProbableSet(candidates: readonly Candidate[], samples: number): Candidate[] {
  const ordered = candidates.toSorted((a, b) => b.probability - a.probability).slice(0, samples);
  const exactly = prefixCodeProbabilities(
    ordered.map(({ probability }) => probability),
    samples,
  );
  return ordered.slice(0, exactly.indexOf(Math.max(...exactly)) + 1);
}

function mostProbable(entries: readonly number[], probabilities: Float64Array): number {
  const [first, ...others] = entries;
  if (first === undefined) {
    throw new GenonnxError('usage', 'The search space has no operation to derive.', {
      expected: 'a primitive other than none',
      found: 'none only',
      cure: 'Add primitives to the space.',
    });
  }
  return others.reduce((best, entry) => (probabilities[entry]! > probabilities[best]! ? entry : best), first);
}

function genotypeEntry<Primitive extends string>(
  entry: number,
  node: number,
  section: Section<string, Primitive>,
): GenotypeEntry<Operation<Primitive>> {
  const { cellType, start } = section;
  const primitive = primitiveAt(entry, section);
  if (!isOperation(primitive)) throw new RangeError(`Entry ${entry} is not an operation.`);
  const edge = Math.floor((entry - start) / cellType.primitives.length);
  return { primitive, input: edge - edgeIndex(cellType, node, 0) };
}

function primitiveAt<Primitive extends string>(
  entry: number,
  { cellType: { primitives }, start }: Section<string, Primitive>,
): Primitive {
  const primitive = primitives[(entry - start) % primitives.length];
  if (primitive === undefined) throw new RangeError(`Entry ${entry} has no primitive.`);
  return primitive;
}
