// The early stopping rule of DARTS+. Liang et al., "DARTS+: Improved Differentiable Architecture Search with Early
// Stopping", arXiv 1909.06035, Criterion 1: a search has collapsed, and is stopped, once the normal cell that would be
// derived has two skip connections or more.
//
// The number belongs to cells of two operations a node. A cell of DATA has up to M a node, and two skips among sixteen
// operations mean nothing: such genotypes are refused.
import { GenonnxError } from '../errors.js';
import { countSkips } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';

const MOST_OPERATIONS = 2;

/** Skips at which DARTS+ stops. */
const STOPPING_SKIPS = 2;

/**
 * Whether DARTS+ would stop the search that derives this genotype now. @throws `usage` where a node of the normal cell has
 * more than two operations.
 */
export function skipsDominate(genotype: Genotype): boolean {
  const crowded = genotype.normal.nodes.findIndex(({ length }) => length > MOST_OPERATIONS);
  if (crowded >= 0) {
    throw new GenonnxError(
      'usage',
      'The stopping rule of DARTS+ is for methods that keep two operations a node.',
      {
        where: `normal cell, node ${crowded}`,
        expected: `at most ${MOST_OPERATIONS} operations`,
        found: `${genotype.normal.nodes[crowded]?.length}`,
        cure: 'Use it with darts or gdas, or switch it off.',
      },
    );
  }
  return countSkips(genotype).normal >= STOPPING_SKIPS;
}
