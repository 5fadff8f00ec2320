// The lines of a search's journal, as they are read back.
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';

/** By the name of the cell type. */
const cellNumbers = z.record(z.string(), z.number());

export const searchEpochSchema = z.object({
  epoch: z.number(),
  temperature: z.number(),
  learningRate: z.number(),
  train: scoresSchema,
  validation: scoresSchema.nullable(),
  child: scoresSchema.nullable(),
  entropy: cellNumbers,
  skips: cellNumbers,
  closedNodes: z.int().exactOptional(),
  genotype: z.string(),
  code: z.record(z.string(), z.array(z.string())).exactOptional(),
  probabilities: z.record(z.string(), z.array(z.array(z.number()))),
  warnings: z.array(z.string()),
  expectedCost: z.number().optional(),
  seconds: z.number(),
  examplesPerSecond: z.number(),
  hostShare: z.number(),
  dataWaitShare: z.number().exactOptional(),
});
