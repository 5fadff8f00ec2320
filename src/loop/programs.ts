// Steps on an engine as the loops run them.
import type { Feeds, Fetches, PreparedProgram } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import type { FedBatches, TrainingBatch } from './batch-source.js';
import { type Measures, Meter } from './meter.js';

/** The rate of one step: the schedule's, times the batch's own factor. */
export function rateOf(learningRate: number, { rateScale = 1 }: Pick<TrainingBatch, 'rateScale'>): number {
  return learningRate * rateScale;
}

export function rateFeed(learningRate: number, batch: Pick<TrainingBatch, 'rateScale'>): Feeds {
  return { learningRate: { shape: [1], data: Float32Array.of(rateOf(learningRate, batch)) } };
}

/** Runs a step; where it diverges, `when` is put before where it did. @throws GenonnxError `diverged`, `engine`. */
export async function runStep(program: PreparedProgram, feeds: Feeds, when: string): Promise<Fetches> {
  try {
    return await program.run(feeds);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'diverged') throw error;
    const { where } = error.details;
    const details = { ...error.details, where: where === undefined ? when : `${when}: ${where}` };
    throw new GenonnxError('diverged', 'The loss is not finite any more.', details, { cause: error });
  }
}

/** All batches once; `also` is fed beside each, and `watch` is told what it came to, by its number. */
export async function evaluate(
  program: PreparedProgram,
  batches: FedBatches,
  measures: Measures,
  also: () => Feeds = () => ({}),
  watch?: (index: number, fetches: Fetches) => Promise<void>,
): Promise<Meter> {
  const meter = new Meter(measures);
  let index = 0;
  for await (const { feeds, examples } of batches) {
    const fetches = await program.run({ ...feeds, ...also() });
    meter.add(fetches, examples);
    await watch?.(index, fetches);
    index += 1;
  }
  return meter;
}
