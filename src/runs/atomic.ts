// Writing a file whole or not at all. The bytes go to a temporary file in the same folder, reach the disk, and only then
// take the final name; whoever reads that name sees the old content or the new, whenever the process or the machine stops.
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asUnwritable, systemCode } from './file-errors.js';
import { jsonText } from './json.js';
import type { FileContent } from './named-files.js';
import { temporaryNameOf } from './temporary-names.js';

/** A fresh temporary path in the folder of `path`. */
export function temporaryPath(path: string): string {
  return join(dirname(path), temporaryNameOf(basename(path)));
}

/** Replaces `path` by `data`. Throws `output-unwritable`, and then `path` is as it was. */
export async function writeFileAtomic(path: string, data: FileContent): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      const pieces = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
      // Each is written where the one before it ended.
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw asUnwritable(error, path);
  }
}

/** `value` as indented JSON with a final newline, written whole or not at all. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, jsonText(value));
}

/** Brings the names in `folder` to the disk. Where the system knows no such thing (Windows), it does nothing. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  }
}
