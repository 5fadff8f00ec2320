// The journal of a run folder that is not opened: others may be working in it.
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { asUnreadable } from './file-errors.js';
import { parseJournal } from './journal.js';

/** The records of the journal at `path`, as `parseJournal`. Throws `file-missing`, too. */
export async function readJournal<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  let content: Uint8Array;
  try {
    content = await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'a journal');
  }
  return parseJournal(content, path, schema);
}
