// What a rank report holds: by epoch, how a supernet orders networks that a table has trained, and how far what it comes to under its
// own codes is from what is derived of it (the gap of the paper's Table 8).
import { z } from 'zod';

const metric = z.number().nullable();

const epochSchema = z.object({
  epoch: z.int(),
  /** Kendall's tau with the table's test scores; null where nothing is ordered. */
  all: metric,
  best: metric,
  /** The metric inside the supernet, on the examples of the alphas, by architecture; null where a network overflows there. */
  inside: z.record(z.string(), metric),
});

const searchSchema = z.object({
  seed: z.int(),
  /** Epochs after which networks were evaluated. */
  epochs: z.array(epochSchema),
  /** Of every epoch, from 1: the metric of the supernet under its own codes, and of the derived code in the same weights. */
  supernet: z.array(metric),
  child: z.array(metric),
  /** What the search found, and how far from the best it is. */
  derived: z.string(),
  regret: z.number().optional(),
});
export type RankedSearch = z.infer<typeof searchSchema>;

export const rankSchema = z.object({
  format: z.literal('genonnx-rank'),
  version: z.literal(1),
  table: z.object({ name: z.string(), task: z.string(), metric: z.string() }),
  method: z.string(),
  /** Every setting of the searches but their seed. */
  settings: z.record(z.string(), z.json()),
  tools: z.record(z.string(), z.string()),
  /** That were evaluated, with the table's test score of each; how many of them are the best fifth. */
  networks: z.record(z.string(), z.number()),
  bestFifth: z.int(),
  searches: z.array(searchSchema),
});
export type RankResults = z.infer<typeof rankSchema>;
