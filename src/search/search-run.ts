// A search in a run folder: journal line an epoch, checkpoints, and at the end the genotype and the alphas.
import { join } from 'node:path';
import { z } from 'zod';
import type { Dataset } from '../../datasets/dataset.js';
import type { Engine } from '../engines/engine.js';
import { printAlphasFile } from '../estimators/alphas-file.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { readJournal } from '../runs/journal-file.js';
import type { RunFolder } from '../runs/run-folder.js';
import { runFiles } from '../runs/run-store.js';
import { toJson } from '../spaces/print.js';
import { DARTS_SPACE } from '../spaces/search-space.js';
import type { SearchConfig } from './config.js';
import { runSearch, type SearchEpoch, type SearchResult, searchStateSchema } from './search.js';

export const alphasFile = 'alphas.json';

export interface RunHooks<Epoch> {
  epoch(record: Epoch): void;
  progress(done: number, note: string): void;
  stopped(): boolean;
}

/** Starts or continues the search of a run folder, wherever its last checkpoint stands. */
export async function searchInFolder(
  folder: RunFolder,
  inputs: { readonly config: SearchConfig; readonly dataset: Dataset; readonly engine: Engine },
  hooks: RunHooks<SearchEpoch>,
): Promise<SearchResult> {
  const { config } = inputs;
  const resumed = await folder.checkpoints.resume(searchStateSchema);
  await folder.journal.truncate(resumed?.journalBytes ?? 0);
  const result = await runSearch({
    ...inputs,
    resumed,
    hooks: {
      progress: hooks.progress,
      stopped: hooks.stopped,
      epoch: async (record) => {
        await folder.journal.append(record);
        hooks.epoch(record);
      },
      checkpoint: async (snapshot) => {
        await folder.checkpoints.write({ ...snapshot, journalBytes: folder.journal.length });
      },
    },
  });
  if (result.finished) {
    await folder.writeJson(runFiles.genotype, toJson(result.genotype));
    const { method, samples, scope, parameterisation } = config;
    if (!METHOD_TABLE[method].learns) return result;
    const alphas = printAlphasFile({
      space: DARTS_SPACE,
      alphas: result.alphas,
      rule: { samples, scope, parameterisation },
      method,
    });
    await writeFileAtomic(join(folder.path, alphasFile), alphas);
  }
  return result;
}

const cellNumbers = z.object({ normal: z.number(), reduce: z.number() });
export const searchEpochSchema = z.object({
  epoch: z.number(),
  temperature: z.number(),
  learningRate: z.number(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  childLoss: z.number(),
  childAccuracy: z.number(),
  entropy: cellNumbers,
  skips: cellNumbers,
  genotype: z.string(),
  probabilities: z.object({ normal: z.array(z.array(z.number())), reduce: z.array(z.array(z.number())) }),
  warnings: z.array(z.string()),
  expectedCost: z.number().optional(),
  seconds: z.number(),
  imagesPerSecond: z.number(),
  hostShare: z.number(),
});

/** The epochs in a search's journal. */
export function readSearchJournal(folder: string): Promise<SearchEpoch[]> {
  return readJournal(join(folder, runFiles.journal), searchEpochSchema);
}
