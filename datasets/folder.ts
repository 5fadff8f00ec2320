// A data set's folder, opened for reading: which files it holds, their bytes (unpacked where they end in .gz), and their
// sha256, checked against a `checksums.json` where one lies beside them. All failures are typed and name the file.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { GenonnxError } from '../graphs/errors.js';
import { systemCode } from '../src/runs/file-errors.js';
import type { DataFolder } from './data-folder.js';

export type { DataFolder } from './data-folder.js';

const CHECKSUMS = 'checksums.json';
const checksumsSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/i));
const unpack = promisify(gunzip);

/** Lists `path` and reads its `checksums.json`, if any. Throws `data-missing`, `data-corrupt`. */
export async function openFolder(path: string): Promise<DataFolder> {
  const { files, folders } = await list(path);
  const expected = files.has(CHECKSUMS) ? await readChecksums(join(path, CHECKSUMS)) : {};
  const checksums: Record<string, string> = {};

  async function read(file: string): Promise<Uint8Array> {
    const where = join(path, file);
    const bytes = await readBytes(where);
    const found = sha256(bytes);
    const wanted = expected[file]?.toLowerCase();
    if (wanted !== undefined && wanted !== found) {
      throw new GenonnxError('data-corrupt', 'A data file does not have the checksum that belongs to it.', {
        where,
        expected: `sha256 ${wanted} (${CHECKSUMS})`,
        found: `sha256 ${found}`,
        cure: `Fetch the file again; if you changed it on purpose, correct ${CHECKSUMS}.`,
      });
    }
    checksums[file] = found;
    if (!file.endsWith('.gz')) return plain(bytes);
    try {
      return plain(await unpack(bytes));
    } catch (cause) {
      throw new GenonnxError(
        'data-corrupt',
        'A data file cannot be unpacked.',
        {
          where,
          expected: 'a whole gzip file',
          found: reason(cause),
          cure: 'Fetch the file again: it is truncated or not gzip.',
        },
        { cause },
      );
    }
  }
  return { path, where: (file) => join(path, file), files, folders, checksums, read };
}

/** sha256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function list(path: string): Promise<Pick<DataFolder, 'files' | 'folders'>> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const folders = new Set<string>();
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const isLink = entry.isSymbolicLink();
      if (isLink ? await isFolder(join(path, entry.name)) : entry.isDirectory()) folders.add(entry.name);
    }
    const files = new Set(entries.map(({ name }) => name).filter((name) => !folders.has(name)));
    return { files, folders };
  } catch (cause) {
    throw new GenonnxError(
      'data-missing',
      'The data folder cannot be read.',
      {
        where: path,
        expected: 'a folder of data',
        found: noFolder(cause),
        cure: 'Check the path given as `data`.',
      },
      { cause },
    );
  }
}

/** Of a link: whether it leads to one. */
async function isFolder(path: string): Promise<boolean> {
  const target = await stat(path).catch(() => undefined);
  return target?.isDirectory() === true;
}

async function readBytes(where: string): Promise<Uint8Array> {
  try {
    return await readFile(where);
  } catch (cause) {
    throw new GenonnxError(
      'data-missing',
      'A data file cannot be read.',
      {
        where,
        expected: 'a readable file',
        found: reason(cause),
        cure: 'Put the file there, or give another `data`.',
      },
      { cause },
    );
  }
}

async function readChecksums(where: string): Promise<Record<string, string>> {
  const text = new TextDecoder().decode(await readBytes(where));
  try {
    return checksumsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GenonnxError(
      'data-corrupt',
      'The list of checksums is malformed.',
      {
        where,
        expected: 'a JSON object: file name -> sha256 in 64 hexadecimal digits',
        found: cause instanceof z.ZodError ? z.prettifyError(cause) : reason(cause),
        cure: 'Mend the file, or remove it to read the data unchecked.',
      },
      { cause },
    );
  }
}

/** The same bytes, not as a Buffer, whose `slice` shares memory where that of a Uint8Array copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function noFolder(cause: unknown): string {
  const code = systemCode(cause);
  if (code === 'ENOENT') return 'no such folder';
  return code === 'ENOTDIR' ? 'a file' : reason(cause);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
