// Vocabulary files on the disk; what their text means is `datasets/text/vocabulary.ts`.
import { readFile } from 'node:fs/promises';
import { decodeUtf8 } from '../../../datasets/text/utf8.js';
import { parseVocabulary, printVocabulary } from '../../../datasets/text/vocabulary.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { asUnreadable } from '../../runs/file-errors.js';

/** The words of a vocabulary file, in the order of their indices. @throws GenonnxError `file-missing`, `data-corrupt`. */
export async function readVocabulary(path: string): Promise<string[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw asUnreadable(error, path, 'a vocabulary file: one word a line');
  }
  return parseVocabulary(decodeUtf8(bytes, path), path);
}

/** Writes a vocabulary file, whole or not at all. @throws GenonnxError `output-unwritable`; `data-corrupt` for no vocabulary. */
export async function writeVocabulary(path: string, words: readonly string[]): Promise<void> {
  await writeFileAtomic(path, printVocabulary(words));
}
