// The token of a store that is served: of the environment, or one of its own in a file that others may not read.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { asUnwritable } from '../runs/file-errors.js';

/** With the file that it stands in, where it is none of the environment. */
export async function storeToken(
  folder: string,
  given = process.env.GENONNX_TOKEN,
): Promise<{ readonly token: string; readonly file?: string }> {
  if (given !== undefined && given !== '') return { token: given };
  const file = join(folder, 'token');
  if (!existsSync(file))
    await writeFile(file, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 }).catch((error: unknown) => {
      throw asUnwritable(error, file);
    });
  return { token: (await readFile(file, 'utf8')).trim(), file };
}
