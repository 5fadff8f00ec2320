// What the operating system answers when a file cannot be written or read, turned into the project's errors.
import { GenonnxError } from '../errors.js';

const unwritable: Readonly<Record<string, readonly [found: string, cure: string]>> = {
  ENOSPC: ['no space left on the device', 'Free some space, or choose a folder on another disk.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or choose a folder on another disk.'],
  EFBIG: ['a file larger than the system allows', 'Raise the limit on file sizes, or choose another disk.'],
  EACCES: ['no permission to write', 'Choose a folder that you may write to, or change its permissions.'],
  EPERM: ['no permission to write', 'Choose a folder that you may write to, or change its permissions.'],
  EROFS: ['a file system that is mounted read-only', 'Choose a folder on a disk that can be written.'],
  ENOTDIR: ['a file where a folder should be', 'Choose another path, or move that file away.'],
  ENOENT: ['a folder that does not exist', 'Make the folder, or choose another path.'],
  EISDIR: ['a folder where the file should be', 'Choose another path, or move that folder away.'],
  EEXIST: ['a file where a folder should be', 'Choose another path, or move that file away.'],
  ENAMETOOLONG: ['a name longer than the file system allows', 'Choose a shorter path.'],
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

/** Whether what a command said last, as lines, is that a disk is full, or a quota used up. */
export function saysFullDisk(lines: readonly string[]): boolean {
  const full = ['ENOSPC', 'EDQUOT'].flatMap((code) => unwritable[code]?.[0] ?? []);
  return lines.some((line) => full.some((found) => line.includes(found)));
}

const unreadable: Readonly<Record<string, readonly [found: string, cure: string]>> = {
  ENOENT: ['no such file', 'Check the path.'],
  ENOTDIR: ['a file where a folder should be', 'Check the path.'],
  EISDIR: ['a folder', 'Name a file in it.'],
  EACCES: ['no permission to read', 'Change the permissions of the file.'],
  EPERM: ['no permission to read', 'Change the permissions of the file.'],
};

/** `error`, met while `path` was read, as a `file-missing` that says `expected`. */
export function asUnreadable(error: unknown, path: string, expected: string): GenonnxError {
  const message = error instanceof Error ? error.message : String(error);
  const [found, cure] = unreadable[systemCode(error) ?? ''] ?? [
    message,
    'Check the path and its permissions.',
  ];
  const details = { where: path, expected, found, cure };
  return new GenonnxError('file-missing', 'Cannot read this file.', details, { cause: error });
}
