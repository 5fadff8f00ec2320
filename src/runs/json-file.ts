// JSON files on disk, read through a schema.
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { asUnreadable } from './file-errors.js';
import { parseJson } from './json.js';

/** The JSON file at `path`, as `schema` has it; `expected` is what it is. Throws `file-missing` and `file-corrupt`. */
export async function readJson<T>(path: string, schema: z.ZodType<T>, expected = 'a JSON file'): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw asUnreadable(error, path, expected);
  }
  return parseJson(text, path, schema);
}
