// What is said of the genotype that the alphas stand for, after each epoch: how good it is inside the supernet, and
// whether it looks like a collapse.
import type { PreparedProgram } from '../engines/engine.js';
import type { Scores } from '../loop/meter.js';
import { evaluate } from '../loop/programs.js';
import { codeOfGenotype } from '../spaces/code.js';
import { countOperations } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import { CELL_TYPES, type CellSpace, type CellType } from '../spaces/search-space.js';
import type { SearchProblem } from '../tasks/search-problem.js';
import { codeFeeds } from './feeds.js';

/** Loss and metrics of a genotype inside the supernet, with the running statistics, on the alphas' examples. */
export async function evaluateChild(
  program: PreparedProgram,
  genotype: Genotype,
  space: CellSpace,
  { heldOut, measures }: SearchProblem,
): Promise<Scores> {
  const code = (type: CellType) => {
    const entries = codeOfGenotype(genotype, space)[type];
    const gates = Uint8Array.from(entries, (entry) => (entry === 0 ? 0 : 1));
    return { code: entries, forwardGates: gates, backwardGates: gates };
  };
  const [normal, reduce] = [code('normal'), code('reduce')];
  return (await evaluate(program, heldOut, measures, () => codeFeeds(normal, reduce))).scores();
}

/** Half of a cell's operations or more being skips is the collapse that DARTS-like searches are known for. */
export function skipWarnings(skips: Readonly<Record<CellType, number>>, genotype: Genotype): string[] {
  return CELL_TYPES.flatMap((type) => {
    const operations = countOperations(genotype[type]);
    return skips[type] >= 2 && skips[type] * 2 >= operations
      ? [`${skips[type]} of ${operations} operations of the ${type} cell are skip connections`]
      : [];
  });
}
