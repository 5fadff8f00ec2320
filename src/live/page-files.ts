// The files of the built page, read once: nothing else is served as a file.
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { GenonnxError } from '../errors.js';
import { systemCode } from '../runs/file-errors.js';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** By the path behind the host's name, `/assets/main.js`; the page itself is `/`. @throws GenonnxError `file-missing`. */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = new Map<string, PageFile>();
    for (const entry of entries.filter((one) => one.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const name = `/${relative(folder, path).split(sep).join('/')}`;
      const type = types[extname(name)] ?? 'application/octet-stream';
      files.set(name === '/index.html' ? '/' : name, { type, content: await readFile(path) });
    }
    return files;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new GenonnxError('file-missing', 'The page of runs is not built.', {
      where: folder,
      cure: 'Build the package again: npm run build.',
    });
  }
}
