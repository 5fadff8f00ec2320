// Writes what an exporter yields: one file (and what lies beside it), or a folder. Nothing is overwritten unless the user
// says so, and a folder appears whole or not at all.
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExportFile } from '../../exporters/export-file.js';
import { GenonnxError } from '../errors.js';
import { writeFileAtomic } from '../runs/atomic.js';
import { asUnwritable, systemCode } from '../runs/file-errors.js';
import { makeFolders, requireNewFile } from './output-file.js';

/** Where the files of an export go: the one without a name of its own is `out`, its companions lie beside it. */
export function exportPaths(out: string, files: readonly Pick<ExportFile, 'path'>[]): string[] {
  const base = files.some(({ path }) => path === '') ? dirname(out) : out;
  return files.map(({ path }) => (path === '' ? out : join(base, path)));
}

/**
 * Writes the files and returns their paths.
 * @throws GenonnxError `output-exists`, `output-unwritable`.
 */
export async function writeExport(
  out: string,
  files: readonly ExportFile[],
  force: boolean | undefined,
): Promise<string[]> {
  const paths = exportPaths(out, files);
  if (files.some(({ path }) => path === '')) {
    for (const path of paths) requireNewFile(path, force);
    await makeFolders(paths);
    await writeAll(paths, files);
    return paths;
  }
  await requireNewFolder(out, force);
  // In a folder that is there already, each file is replaced by itself, and what else lies there stays.
  if (force === true && (await entriesOf(out)) !== undefined) {
    await makeFolders(paths);
    await writeAll(paths, files);
    return paths;
  }
  const temporary = join(dirname(out), `.${basename(out)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const drafts = exportPaths(temporary, files);
    await makeFolders(drafts);
    await writeAll(drafts, files);
    // An empty folder of that name may be there: on POSIX a folder is renamed over it.
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw asUnwritable(error, out);
  }
  return paths;
}

/** @throws GenonnxError `output-exists` for a file, and without `force` for a folder that holds anything. */
export async function requireNewFolder(out: string, force: boolean | undefined): Promise<void> {
  const entries = await entriesOf(out);
  if (entries === undefined || entries.length === 0 || force === true) return;
  throw new GenonnxError('output-exists', 'The output folder is not empty.', {
    where: out,
    found: entries.slice(0, 3).join(', '),
    cure: 'Choose another name, or pass --force to replace its files.',
  });
}

/** What a folder holds; undefined where there is none. */
async function entriesOf(path: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (systemCode(error) === 'ENOTDIR') {
      throw new GenonnxError('output-exists', 'The output is to be a folder.', {
        where: path,
        found: 'a file',
        cure: 'Choose another name.',
      });
    }
    throw asUnwritable(error, path);
  }
}

async function writeAll(paths: readonly string[], files: readonly ExportFile[]): Promise<void> {
  for (const [i, { content }] of files.entries()) await writeFileAtomic(paths[i] ?? '', content);
}
