// What a model says of its vocabulary: the file that lies beside it, and the checksum by which it is known. Ten thousand words in
// the metadata would be read by nobody, and every runtime would load them.
import { z } from 'zod';
import { printVocabulary } from '../../../datasets/text/vocabulary.js';
import { GenonnxError } from '../../errors.js';
import { sha256Hex } from '../../hash.js';

export const vocabularyRecordSchema = z.object({
  /** A file's name, without a folder. */
  file: z.string().regex(/^[^/\\]+$/),
  /** Of its text in UTF-8, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type VocabularyRecord = z.infer<typeof vocabularyRecordSchema>;

/** The record of a vocabulary that is written to `file`. @throws GenonnxError `data-corrupt` for what is no vocabulary. */
export function recordOf(words: readonly string[], file: string): VocabularyRecord {
  return { file, sha256: sha256Hex(printVocabulary(words)) };
}

/** `where` names the vocabulary in the message. @throws GenonnxError `weights-mismatch` for another one than that of the record. */
export function requireRecorded(words: readonly string[], { sha256 }: VocabularyRecord, where: string): void {
  const found = sha256Hex(printVocabulary(words));
  if (found === sha256) return;
  throw new GenonnxError('weights-mismatch', 'This is not the vocabulary of the model.', {
    where,
    expected: `the words of checksum ${sha256.slice(0, 12)}`,
    found: `${words.length} words of checksum ${found.slice(0, 12)}`,
    cure: 'Give the file that was written with the model.',
  });
}

/** @throws GenonnxError `weights-mismatch` where there is not one word for each row of the table. */
export function requireVocabularySize(words: readonly string[], rows: number): void {
  if (words.length === rows) return;
  throw new GenonnxError('weights-mismatch', 'The vocabulary does not fit the weights.', {
    where: '`vocabulary`',
    expected: `${rows} words, one for each row of encoder.weight`,
    found: String(words.length),
    cure: 'Give the vocabulary that the weights were trained with: one word a line, in the order of the rows.',
  });
}
