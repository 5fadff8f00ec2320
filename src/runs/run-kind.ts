// What the folder of a run says it is, whoever made it and whether it is finished or not.
import { join } from 'node:path';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { taskField } from '../tasks/names.js';
import { readJson } from './json-file.js';
import { runFiles } from './run-store.js';

const configSchema = z.object({
  kind: z.enum(['search', 'train']),
  task: taskField,
  settings: z.object({ genotype: z.string().optional(), data: z.string().optional() }),
});
export type RunKind = z.infer<typeof configSchema>;

/** Undefined for a folder that is none of a run. @throws GenonnxError `file-corrupt` for one whose configuration is damaged. */
export async function readRunKind(folder: string): Promise<RunKind | undefined> {
  try {
    return await readJson(join(folder, runFiles.config), configSchema);
  } catch (error) {
    if (error instanceof GenonnxError && error.code === 'file-missing') return undefined;
    throw error;
  }
}
