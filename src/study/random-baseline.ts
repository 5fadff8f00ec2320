// The random-search baseline: a genotype drawn without any search. Matched in parameters it is drawn again until the
// network of it has about as many as what it stands beside, so that a difference in accuracy is none of size.
import { z } from 'zod';
import { openStream } from '../random.js';
import type { Genotype } from '../spaces/genotype.js';
import type { RandomSettings } from './config.js';
import type { SampleGenotype } from './subject.js';

/** How a genotype came to be. */
export const drawSchema = z.object({
  /** How many were drawn, with the one that was kept. */
  draws: z.int().min(1),
  operationsPerNode: z.int().min(1),
  /** Present where the parameters were matched. */
  match: z
    .object({
      targetParameters: z.number(),
      /** (parameters - target) / target */
      deviation: z.number(),
      tolerance: z.number(),
      /** False where no draw came within the tolerance, and the nearest was kept. */
      withinTolerance: z.boolean(),
    })
    .optional(),
});
export type Draw = z.infer<typeof drawSchema>;

export interface DrawnGenotype<G extends Genotype = Genotype> {
  readonly genotype: G;
  readonly draw: Draw;
}

/** The same seed and target give the same genotype. `target` is a number of parameters; without, the first draw is kept. */
export function drawGenotype<G extends Genotype>(
  seed: number,
  { kind, operations: [fewest, most], match }: RandomSettings,
  target: number | undefined,
  sample: SampleGenotype<G>,
  parametersOf: (genotype: G) => number,
): DrawnGenotype<G> {
  const stream = openStream(seed, 'random-genotype');
  const next = (): { genotype: G; operationsPerNode: number } => {
    const operationsPerNode = fewest + stream.integer(most - fewest + 1);
    return { genotype: sample(stream, { kind, operationsPerNode }), operationsPerNode };
  };
  if (match === undefined || target === undefined) {
    const { genotype, operationsPerNode } = next();
    return { genotype, draw: { draws: 1, operationsPerNode } };
  }
  const { tolerance } = match;
  let nearest: DrawnGenotype<G> | undefined;
  let nearestDeviation = Number.POSITIVE_INFINITY;
  for (let draws = 1; draws <= match.draws; draws++) {
    const { genotype, operationsPerNode } = next();
    const deviation = (parametersOf(genotype) - target) / target;
    if (nearest !== undefined && Math.abs(deviation) >= nearestDeviation) continue;
    nearestDeviation = Math.abs(deviation);
    const withinTolerance = nearestDeviation <= tolerance;
    const matched = { targetParameters: target, deviation, tolerance, withinTolerance };
    nearest = { genotype, draw: { draws, operationsPerNode, match: matched } };
    if (withinTolerance) return nearest;
  }
  if (nearest === undefined) throw new RangeError('A match needs at least one draw.');
  // All of them were needed to know that none is better.
  return { ...nearest, draw: { ...nearest.draw, draws: match.draws } };
}
