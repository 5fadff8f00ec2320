// What a rank report holds: by epoch, how a supernet orders networks that a table has trained.
import { z } from 'zod';

export const rankSchema = z.object({
  format: z.literal('genonnx-rank'),
  version: z.literal(1),
  table: z.string(),
  metric: z.string(),
  /** That were evaluated, and how many of them are the best fifth by the table's test scores. */
  networks: z.int(),
  bestFifth: z.int(),
  seed: z.int(),
  method: z.string(),
  epochs: z.array(
    z.object({
      epoch: z.int(),
      /** Kendall's tau with the table's test scores; null where nothing is ordered. */
      all: z.number().nullable(),
      best: z.number().nullable(),
      /** The metric inside the supernet, on the examples of the alphas, by architecture. */
      inside: z.record(z.string(), z.number()),
    }),
  ),
  /** What the search found, and how far from the best it is. */
  derived: z.string(),
  regret: z.number().optional(),
});
export type RankResults = z.infer<typeof rankSchema>;
