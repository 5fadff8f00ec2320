// The journal of a training, read back from its folder.
import { join } from 'node:path';
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';
import { readJournal } from '../runs/journal-file.js';
import { runFiles } from '../runs/run-store.js';
import type { TrainEpoch } from './train.js';

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

export function readTrainJournal(folder: string): Promise<TrainEpoch[]> {
  return readJournal(join(folder, runFiles.journal), trainEpochSchema);
}
