// The files of a run folder, for whoever takes all of them: a download, a report. What leads out of the folders that are watched
// is none of them.
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { runFiles } from '../runs/run-store.js';
import { isTemporary } from '../runs/temporary-names.js';
import { insidePath, type Roots } from './inside.js';

export interface RunFile {
  /** Below the run's folder, with slashes. */
  readonly name: string;
  readonly path: string;
}

/** Files in the order in which they may be read while the run goes on: the journal reaches as far as any checkpoint before it. */
export async function runFilesIn(roots: Roots, folder: string): Promise<RunFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: RunFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || isTemporary(entry.name) || entry.name.startsWith(runFiles.lock)) continue;
    if ((await insidePath(roots, path)) === undefined) continue;
    files.push({ name: relative(folder, path).split(sep).join('/'), path });
  }
  const rank = ({ name }: RunFile): number => (name === runFiles.journal ? 2 : name.includes('/') ? 0 : 1);
  return files.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** Whether there is a link that leads out of the roots. */
export async function leadsOut(roots: Roots, folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    if (entry.isSymbolicLink() && (await insidePath(roots, join(entry.parentPath, entry.name))) === undefined)
      return true;
  return false;
}
