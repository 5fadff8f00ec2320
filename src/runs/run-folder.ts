// A run in a folder of the disk, in plain files.
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GenonnxError } from '../errors.js';
import { asUnwritable } from './file-errors.js';
import { FolderFiles } from './folder-files.js';
import { createRun, type OpenOptions, openRun, type RunStore } from './run-store.js';

/** An open run folder. */
export interface RunFolder extends RunStore {
  /** Absolute. */
  readonly path: string;
}

/**
 * Makes the run folder `path` with `config`, which must be plain data. Throws `output-exists` when there is something
 * in it, `run-locked`, and `output-unwritable`; then nothing of it remains.
 */
export async function createRunFolder(path: string, config: object): Promise<RunFolder> {
  const folder = resolve(path);
  let firstMade: string | undefined;
  try {
    firstMade = await mkdir(folder, { recursive: true });
  } catch (error) {
    throw asUnwritable(error, folder);
  }
  try {
    return { ...(await createRun(new FolderFiles(folder), config)), path: folder };
  } catch (error) {
    // Where another process has won the folder, it is that one's now.
    const isOthers = error instanceof GenonnxError && ['run-locked', 'output-exists'].includes(error.code);
    if (firstMade !== undefined && !isOthers) await rm(firstMade, { recursive: true, force: true });
    throw error;
  }
}

/** Opens the run folder `path` to continue its run, as `openRun`. */
export async function openRunFolder(
  path: string,
  expected?: object,
  options: OpenOptions = {},
): Promise<RunFolder> {
  const folder = resolve(path);
  return { ...(await openRun(new FolderFiles(folder), expected, options)), path: folder };
}
