// The probabilities that alphas stand for, for reading rather than for sampling: derivation, the journal, the report.
import {
  edgeCount,
  type PerCellType,
  perSection,
  type SearchSpace,
  type Section,
} from '../spaces/search-space.js';
import type { Parameterisation, Scope } from './estimator.js';
import { entryGroups, sectionGroups } from './groups.js';
import { distributionOf } from './parameterisation.js';
import { requireEntries } from './requirements.js';

/** Which distribution alphas parameterise. */
export interface DistributionOptions {
  readonly scope: Scope;
  readonly parameterisation: Parameterisation;
}

/** f64[entries]: each entry's probability in its group; those of a group sum to 1. @throws `shape`, `diverged`. */
export function probabilitiesOf(
  alphas: Float64Array,
  space: SearchSpace,
  { scope, parameterisation }: DistributionOptions,
): Float64Array {
  requireEntries(alphas, space, 'alphas');
  const probabilities = new Float64Array(alphas.length);
  for (const { start, end } of entryGroups(space, scope)) {
    const { logProbabilities } = distributionOf(alphas.subarray(start, end), parameterisation);
    probabilities.set(logProbabilities.map(Math.exp), start);
  }
  return probabilities;
}

/**
 * Entropy of the groups' distributions, averaged over the groups of each cell type, as a share of the largest possible (that
 * of the uniform distribution): 1 where nothing is decided, 0 where everything is.
 */
export function relativeEntropies<Name extends string>(
  alphas: Float64Array,
  space: SearchSpace<Name>,
  options: DistributionOptions,
): PerCellType<Name, number> {
  const probabilities = probabilitiesOf(alphas, space, options);
  const ofSection = (section: Section): number => {
    const groups = sectionGroups(section, options.scope);
    let total = 0;
    for (const { start, end } of groups) {
      let entropy = 0;
      for (const p of probabilities.subarray(start, end)) if (p > 0) entropy -= p * Math.log(p);
      total += end - start > 1 ? entropy / Math.log(end - start) : 0;
    }
    return total / groups.length;
  };
  return perSection(space, ofSection);
}

/** The probabilities (or any other values f64[entries]) of each cell type, a row of numbers for every edge. */
export function rowsByEdge<Name extends string>(
  values: Float64Array,
  space: SearchSpace<Name>,
): PerCellType<Name, number[][]> {
  return perSection(space, ({ cellType, start }) => {
    const width = cellType.primitives.length;
    return Array.from({ length: edgeCount(cellType) }, (_, edge) => [
      ...values.subarray(start + edge * width, start + (edge + 1) * width),
    ]);
  });
}
