// A run in a folder of the disk, in plain files.
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GenonnxError } from '../errors.js';
import { asUnwritable } from './file-errors.js';
import { FolderFiles } from './folder-files.js';
import { createRun, type OpenOptions, openRun, type RunStore, runFiles } from './run-store.js';

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
    const store = await createRun(new FolderFiles(folder), config);
    return {
      ...store,
      path: folder,
      abandon: async (failure) => {
        await store.abandon(failure);
        await removeEmpty(folder, firstMade);
      },
    };
  } catch (error) {
    // Where another process has won the folder, it is that one's now.
    const isOthers = error instanceof GenonnxError && ['run-locked', 'output-exists'].includes(error.code);
    if (firstMade !== undefined && !isOthers) await rm(firstMade, { recursive: true, force: true });
    throw error;
  }
}

/** Removes the folder, and those above it up to the first that was made for it, as far as nothing is in them. */
async function removeEmpty(folder: string, firstMade: string | undefined): Promise<void> {
  const remove = (path: string): Promise<boolean> =>
    rmdir(path).then(
      () => true,
      () => false,
    );
  await remove(join(folder, runFiles.checkpoints));
  if (firstMade === undefined) return;
  for (let path = folder; path.startsWith(firstMade); path = dirname(path)) if (!(await remove(path))) return;
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
