// Safetensors files on disk; the format itself is `graphs/safetensors.ts`.
import { readFile } from 'node:fs/promises';
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafeTensor,
  type SafeTensors,
} from '../../graphs/safetensors.js';
import { writeFileAtomic } from './atomic.js';
import { asUnreadable } from './file-errors.js';

/** Throws `file-missing` when `path` cannot be read and `file-corrupt` when it is not a safetensors file. */
export async function readSafetensors(path: string): Promise<SafeTensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'a safetensors file');
  }
  return decodeSafetensors(bytes, path);
}

/** Writes `path` whole or not at all. Throws `output-unwritable`. */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, SafeTensor]>,
  metadata: Iterable<readonly [string, string]> = [],
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}
