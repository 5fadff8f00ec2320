// Whether the data that are there now are those that a folder was made of.
import { GenonnxError } from '../errors.js';
import { differences } from './differences.js';

type Checksums = Readonly<Record<string, string>>;

/** @throws GenonnxError `resume-mismatch` with the files that differ. */
export function requireSameChecksums(folder: string, expected: Checksums, found: Checksums): void {
  const differing = differences({ ...expected }, { ...found }).map(({ path }) => path);
  if (differing.length === 0) return;
  throw new GenonnxError('resume-mismatch', 'The data are not those that this was made of.', {
    where: folder,
    expected: 'the same files',
    found: `others: ${differing.join(', ')}`,
    cure: 'Put the data back that it was begun with.',
  });
}
