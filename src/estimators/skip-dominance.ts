// The early stopping rule of DARTS+. Liang et al., "DARTS+: Improved Differentiable Architecture Search with Early
// Stopping", arXiv 1909.06035, Criterion 1: a search has collapsed, and is stopped, once the normal cell that would be
// derived has two skip connections or more. Which cell types the rule looks at, and at how many skips, the space says.
//
// The number belongs to cells of a fixed number of operations a node, two in DARTS. A cell of DATA has up to M a node, and two
// skips among sixteen operations mean nothing: such genotypes are refused.
import { GenonnxError } from '../errors.js';
import { countSkips } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import type { SearchSpace } from '../spaces/search-space.js';

/**
 * Whether DARTS+ would stop the search that derives this genotype now. @throws `usage` where a node of a cell that the rule
 * looks at has more operations than such nodes keep.
 */
export function skipsDominate<Name extends string>(
  genotype: Genotype<Name>,
  space: SearchSpace<Name>,
): boolean {
  const skips = countSkips(genotype, space);
  return space.cellTypes.some(({ name, derivation: { kept, stoppingSkips } }) => {
    if (stoppingSkips === undefined) return false;
    requireKept(genotype[name].nodes, kept, name);
    return (skips[name] ?? 0) >= stoppingSkips;
  });
}

function requireKept(nodes: readonly { readonly length: number }[], kept: number, name: string): void {
  const crowded = nodes.findIndex(({ length }) => length > kept);
  if (crowded < 0) return;
  throw new GenonnxError(
    'usage',
    'The stopping rule of DARTS+ is for methods that keep a fixed number of operations a node.',
    {
      where: `${name} cell, node ${crowded}`,
      expected: `at most ${kept} operations`,
      found: `${nodes[crowded]?.length}`,
      cure: 'Use it with darts or gdas, or switch it off.',
    },
  );
}
