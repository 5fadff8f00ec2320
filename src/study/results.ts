// What `study.json` holds: every run, and what the runs of a method come to. Whatever is measured with a clock is below
// `times`; the rest is the same each time that the same study runs on the same machine.
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';
import { studySchema } from './config.js';
import { drawSchema } from './random-baseline.js';

/** By cell type. */
const perCell = z.record(z.string(), z.int().min(0));

export const summarySchema = z.object({
  n: z.int().min(1),
  mean: z.number(),
  standardDeviation: z.number().nullable(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
});

export const failureSchema = z.object({
  stage: z.enum(['search', 'draw', 'train']),
  /** Of the command; null where it was never started. */
  exitCode: z.int().nullable(),
  /** The end of its standard error. */
  lastLines: z.array(z.string()),
});
export type Failure = z.infer<typeof failureSchema>;

const runSchema = z.object({
  method: z.string(),
  seed: z.int(),
  status: z.enum(['finished', 'failed', 'unfinished']),
  /** Relative to the study's folder. */
  folder: z.string(),
  genotype: z.string().optional(),
  skips: perCell.optional(),
  operations: perCell.optional(),
  /** Of a random run. */
  draw: drawSchema.optional(),
  search: z
    .object({
      epochs: z.int(),
      /** Of the derived genotype inside the supernet, on the examples that the search held out; null where it overflows. */
      child: scoresSchema.nullable(),
      warnings: z.array(z.string()),
    })
    .optional(),
  /** Of the trained child without its auxiliary head. */
  parameters: z.int().optional(),
  /** Multiply-adds for one example. */
  macs: z.int().optional(),
  /** Loss and metrics of the task, on the test examples. */
  test: scoresSchema.optional(),
  /** Those of the best epoch, on the examples that the training held out. */
  validation: scoresSchema.optional(),
  failure: failureSchema.optional(),
  times: z.object({
    /** In epochs; starting up, deriving and exporting are not counted. */
    searchSeconds: z.number().optional(),
    trainSeconds: z.number().optional(),
    /** How often the run was continued; the seconds of an epoch that was cut in two are those of its second part. */
    continuations: z.int(),
  }),
});
export type RunResult = z.infer<typeof runSchema>;

/** By the names of the scores. */
const scoreSummaries = z.record(z.string(), summarySchema);

const measured = {
  test: scoreSummaries,
  validation: scoreSummaries,
  parameters: summarySchema.optional(),
  macs: summarySchema.optional(),
  /** Skip connections of all cells together. */
  skips: summarySchema.optional(),
};

const methodSchema = z.object({
  name: z.string(),
  /** Whether nothing was searched. */
  isRandom: z.boolean(),
  finished: z.int(),
  failed: z.int(),
  ...measured,
  /** Scores on the test examples less those of the random run of the same seed, over the seeds that both finished. */
  againstRandom: z.object({ random: z.string(), test: scoreSummaries }).array(),
  times: z.object({ searchSeconds: summarySchema.optional(), trainSeconds: summarySchema.optional() }),
});
export type MethodResult = z.infer<typeof methodSchema>;

export const studyResultsSchema = z.object({
  format: z.literal(2),
  study: studySchema,
  data: z.object({
    name: z.string(),
    trainExamples: z.int(),
    testExamples: z.int(),
    checksums: z.record(z.string(), z.string()),
  }),
  tools: z.record(z.string(), z.string()),
  statistics: z.object({ confidence: z.number(), interval: z.string() }),
  methods: z.array(methodSchema),
  /** Every one, in the order of the study. */
  runs: z.array(runSchema),
  times: z.object({
    /** Measured for each method where the budget is in seconds. */
    calibration: z
      .array(z.object({ method: z.string(), epochSeconds: z.number(), epochs: z.int() }))
      .optional(),
  }),
});
export type StudyResults = z.infer<typeof studyResultsSchema>;
