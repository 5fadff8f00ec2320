// The journal of a search, read back from its folder.
import { join } from 'node:path';
import { z } from 'zod';
import { scoresSchema } from '../loop/meter.js';
import { readJournal } from '../runs/journal-file.js';
import { runFiles } from '../runs/run-store.js';
import type { SearchEpoch } from './search.js';

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

/** The epochs in a search's journal. */
export function readSearchJournal(folder: string): Promise<SearchEpoch[]> {
  return readJournal(join(folder, runFiles.journal), searchEpochSchema);
}
