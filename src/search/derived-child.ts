// What is said of the genotype that the alphas stand for, after each epoch: how good it is inside the supernet, and
// whether it looks like a collapse.
import type { PreparedProgram } from '../engines/engine.js';
import type { Scores } from '../loop/meter.js';
import { evaluate } from '../loop/programs.js';
import { codeOfGenotype } from '../spaces/code.js';
import { operationCounts } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import type { SearchSpace } from '../spaces/search-space.js';
import type { SearchProblem } from '../tasks/search-problem.js';

/**
 * Loss and metrics of a genotype inside the supernet, with the running statistics, on the alphas' examples; null where they are
 * no finite numbers. The statistics are those of sampled codes: where few operations are open, the genotype's own activations may
 * be so far from them that a deep recurrence overflows.
 */
export async function evaluateChild(
  program: PreparedProgram,
  genotype: Genotype,
  space: SearchSpace,
  { heldOut, measures, codeFeeds }: SearchProblem,
): Promise<Scores | null> {
  const code = codeOfGenotype(genotype, space);
  const gates = Uint8Array.from(code, (entry) => (entry === 0 ? 0 : 1));
  const child = { code, forwardGates: gates, backwardGates: gates };
  const scores = (await evaluate(program, heldOut, measures, () => codeFeeds(child))).scores();
  return Object.values(scores).every(Number.isFinite) ? scores : null;
}

/** Half of a cell's operations or more being skips is the collapse that DARTS-like searches are known for. */
export function skipWarnings(skips: Readonly<Record<string, number>>, genotype: Genotype): string[] {
  const operations = operationCounts(genotype);
  return Object.entries(skips).flatMap(([name, count]) =>
    count >= 2 && count * 2 >= (operations[name] ?? 0)
      ? [`${count} of ${operations[name]} operations of the ${name} cell are skip connections`]
      : [],
  );
}
