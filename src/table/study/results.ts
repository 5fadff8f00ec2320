// What a study on a table comes to: every run, and what the runs of a method are together. Scores are those of the table, in the
// split that the study judges by, the mean over its seeds; regret is how far the best network of the table is above.
import { z } from 'zod';
import { summarySchema } from '../../study/results.js';
import { tableStudySchema } from './config.js';

const runSchema = z.object({
  method: z.string(),
  seed: z.int(),
  status: z.enum(['finished', 'failed', 'unfinished']),
  /** What was chosen. */
  architecture: z.string().optional(),
  score: z.number().optional(),
  regret: z.number().optional(),
  /** Share of the table's networks that are not better. */
  percentile: z.number().optional(),
  /** Mean regret over the epochs or queries: the area under the trajectory, by its length. */
  area: z.number().optional(),
  /** Of the last epoch, where there was a supernet: the derived network's metric inside of it. */
  inSupernet: z.number().nullable().optional(),
  /** The regret after each epoch or query. */
  trajectory: z.array(z.number()).optional(),
  failure: z.string().optional(),
  times: z.object({ searchSeconds: z.number().optional() }),
});
export type TableRun = z.infer<typeof runSchema>;

const comparisonSchema = z.object({
  /** The other method. */
  against: z.string(),
  /** Regret less that of the other, seed by seed: negative is better. */
  difference: summarySchema,
  /** Seeds at which it is better, and at which it is worse. */
  better: z.int(),
  worse: z.int(),
  /** Two-sided, of one comparison. */
  student: z.number().nullable(),
  sign: z.number(),
  /** Corrected for as many comparisons as there are, by Holm. */
  studentHolm: z.number().nullable(),
  signHolm: z.number(),
});

const methodSchema = z.object({
  name: z.string(),
  finished: z.int(),
  score: summarySchema.optional(),
  regret: summarySchema.optional(),
  percentile: summarySchema.optional(),
  area: summarySchema.optional(),
  /** Against the study's reference, which has none, or what the method names. */
  comparison: comparisonSchema.optional(),
  times: z.object({ searchSeconds: summarySchema.optional() }),
});
export type TableMethodResult = z.infer<typeof methodSchema>;

export const tableStudyResultsSchema = z.object({
  format: z.literal('genonnx-table-study'),
  version: z.literal(1),
  study: tableStudySchema,
  table: z.object({
    name: z.string(),
    sha256: z.string(),
    networks: z.int(),
    seeds: z.int(),
    data: z.object({ name: z.string(), checksums: z.record(z.string(), z.string()) }),
    metric: z.string(),
    best: z.number(),
  }),
  tools: z.record(z.string(), z.string()),
  methods: z.array(methodSchema),
  runs: z.array(runSchema),
});
export type TableStudyResults = z.infer<typeof tableStudyResultsSchema>;
