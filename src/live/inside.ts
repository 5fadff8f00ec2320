// Nothing outside of the folders that are watched is ever read, whatever links lie in them: a path is followed to where it
// really lies, and that place is opened and no other.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Folders by their real paths. */
export type Roots = readonly string[];

/** The real path; undefined where there is none, or where it lies outside of the roots. */
export async function insidePath(roots: Roots, path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return isInside(roots, real) ? real : undefined;
  } catch {
    return undefined;
  }
}

export function isInside(roots: Roots, real: string): boolean {
  return roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`));
}

/** The file, to be closed by the caller; undefined where there is none, or where it lies outside. */
export async function openInside(roots: Roots, path: string): Promise<FileHandle | undefined> {
  const real = await insidePath(roots, path);
  if (real === undefined) return undefined;
  try {
    // A link that takes the place of the file in the meantime is not followed.
    const file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  } catch {
    return undefined;
  }
}

/** What is in the file; undefined where there is none, or where it lies outside. */
export async function readInside(roots: Roots, path: string): Promise<Buffer | undefined> {
  const file = await openInside(roots, path);
  if (file === undefined) return undefined;
  try {
    return await file.readFile();
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** Bytes `from` to `to` of the file, as far as it has them. */
export async function readPart(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await file.read(buffer, done, buffer.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
