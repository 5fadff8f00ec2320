// What the operating system answers when a file cannot be written or read, turned into the project's errors.
import { GenonnxError } from '../errors.js';

const unwritable: Readonly<Record<string, readonly [found: string, cure: string]>> = {
  ENOSPC: ['no space left on the device', 'free some space, or choose a folder on another disk'],
  EDQUOT: ['the disk quota is used up', 'free some space, or choose a folder on another disk'],
  EFBIG: ['a file larger than the system allows', 'raise the limit on file sizes, or choose another disk'],
  EACCES: ['no permission to write', 'choose a folder that you may write to, or change its permissions'],
  EPERM: ['no permission to write', 'choose a folder that you may write to, or change its permissions'],
  EROFS: ['a file system that is mounted read-only', 'choose a folder on a disk that can be written'],
  ENOTDIR: ['a file where a folder should be', 'choose another path, or move that file away'],
  ENOENT: ['a folder that does not exist', 'make the folder, or choose another path'],
  EISDIR: ['a folder where the file should be', 'choose another path, or move that folder away'],
  EEXIST: ['a file where a folder should be', 'choose another path, or move that file away'],
  ENAMETOOLONG: ['a name longer than the file system allows', 'choose a shorter path'],
};

/** The `code` of an error of the operating system, such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `error` as an `output-unwritable` when the user can mend what stopped the writing of `path`; otherwise as it is. */
export function asUnwritable(error: unknown, path: string): unknown {
  const known = unwritable[systemCode(error) ?? ''];
  if (known === undefined) return error;
  const [found, cure] = known;
  return new GenonnxError(
    'output-unwritable',
    'Cannot write this file.',
    { where: path, found, cure },
    { cause: error },
  );
}

/** `error`, met while `path` was read, as a `file-missing` that says `expected`. */
export function asUnreadable(error: unknown, path: string, expected: string): GenonnxError {
  const code = systemCode(error);
  const found = code === 'ENOENT' ? 'no such file' : error instanceof Error ? error.message : String(error);
  const details = { where: path, expected, found, cure: 'check the path and its permissions' };
  return new GenonnxError('file-missing', 'Cannot read this file.', details, { cause: error });
}
