// `--out FILE`: a file that exists stays as it is, unless the user says otherwise, and folders on the way are made.
import { type Stats, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GenonnxError } from '../errors.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { asUnwritable } from '../runs/file-errors.js';
import type { FileContent } from '../runs/named-files.js';

/** @throws GenonnxError `output-exists` for a folder, and for a file without `force`; `output-unwritable`. */
export function requireNewFile(path: string, force: boolean | undefined): void {
  const found = statsOf(path);
  if (found === undefined || (found.isFile() && force === true)) return;
  const isFolder = found.isDirectory();
  const summary = isFolder ? 'The output is to be a file.' : 'The output file exists already.';
  throw new GenonnxError('output-exists', summary, {
    where: path,
    found: isFolder ? 'a folder' : 'a file',
    cure: isFolder ? 'Name a file in it.' : 'Choose another name, or pass --force.',
  });
}

/** Writes a file whole or not at all, in folders that are made for it. @throws GenonnxError `output-unwritable`. */
export async function writeOutput(path: string, content: FileContent): Promise<void> {
  await makeFolders([path]);
  await writeFileAtomic(path, content);
}

/** Makes the folders that files go to. @throws GenonnxError `output-unwritable`. */
export async function makeFolders(paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw asUnwritable(error, folder);
    }
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw asUnwritable(error, path);
  }
}
