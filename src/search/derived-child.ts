// What is said of the genotype that the alphas stand for, after each epoch: how good it is inside the supernet, and
// whether it looks like a collapse.
import { type BatchOptions, batchExtent, evaluationBatches } from '../data/batches.js';
import type { PreparedProgram } from '../engines/engine.js';
import { codeOfGenotype } from '../spaces/code.js';
import { countOperations } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import { CELL_TYPES, type CellSpace, type CellType } from '../spaces/search-space.js';
import { batchFeeds, codeFeeds, Meter } from './feeds.js';

/** Loss and accuracy of a genotype inside the supernet, with the running statistics. */
export async function evaluateChild(
  program: PreparedProgram,
  genotype: Genotype,
  space: CellSpace,
  { images, channels }: { readonly images: BatchOptions; readonly channels: number },
): Promise<Meter> {
  const code = (type: CellType) => {
    const entries = codeOfGenotype(genotype, space)[type];
    const gates = Uint8Array.from(entries, (entry) => (entry === 0 ? 0 : 1));
    return { code: entries, forwardGates: gates, backwardGates: gates };
  };
  const [normal, reduce] = [code('normal'), code('reduce')];
  const meter = new Meter();
  for (const batch of evaluationBatches(images)) {
    const feeds = batchFeeds(batch, channels, batchExtent(images));
    meter.add(await program.run({ ...feeds, ...codeFeeds(normal, reduce) }), batch.count);
  }
  return meter;
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
