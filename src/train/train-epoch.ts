// The lines of a training's journal, as they are read back.
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';

export const trainEpochSchema = z.object({
  epoch: z.number(),
  learningRate: z.number(),
  optimizer: z.string().exactOptional(),
  conditions: z.record(z.string(), z.number()),
  train: scoresSchema,
  validation: scoresSchema.exactOptional(),
  restored: z.int().exactOptional(),
  seconds: z.number(),
  examplesPerSecond: z.number(),
  dataWaitShare: z.number().exactOptional(),
});
