// Which pictures cannot be decoded: each is decoded once, and what came of it is kept with the list of the files, so that the same
// pictures are left out whenever and however a run is gone on with.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GenonnxError } from '../../graphs/errors.js';
import type { Listing } from './listing.js';
import type { PictureReader } from './reader.js';

/** Under way at once. */
const atOnce = 16;
/** Fewer are looked at before a word could be read. */
const worthAWord = 500;

/** Whether the pictures that cannot be decoded have the sizes that they had. */
export async function isAsListed({ root, picturesBelow }: Listing): Promise<boolean> {
  for (const { path, sizeBytes, verdict = '' } of picturesBelow('')) {
    if (verdict === '') continue;
    const now = await stat(join(root, path)).catch(() => undefined);
    if (now?.size !== sizeBytes) return false;
  }
  return true;
}

/** The paths of those that are left out: files by their names no pictures, too. */
export async function lookedAt(
  listing: Listing,
  reader: Pick<PictureReader, 'picture'>,
  note: (text: string) => void = () => {},
): Promise<ReadonlySet<string>> {
  const pictures = listing.picturesBelow('');
  const open = pictures.filter(({ verdict }) => verdict === undefined);
  if (open.length > worthAWord) note(`looking at ${open.length} pictures, once, for those that are broken`);
  const verdicts = new Map<string, string>();
  for (let at = 0; at < open.length; at += atOnce) {
    await Promise.all(
      open.slice(at, at + atOnce).map(async ({ path, sizeBytes }) => {
        try {
          await reader.picture({ path: join(listing.root, path), sizeBytes });
          verdicts.set(path, '');
        } catch (error) {
          if (!(error instanceof GenonnxError) || !error.code.startsWith('data-')) throw error;
          verdicts.set(path, error.details.found ?? error.summary);
        }
      }),
    );
  }
  if (verdicts.size > 0) await listing.keepVerdicts(verdicts);
  const broken = pictures.flatMap(({ path, verdict }) => {
    const why = verdict ?? verdicts.get(path) ?? '';
    return why === '' ? [] : [{ path, why }];
  });
  const others = listing.othersBelow('').map((path) => ({ path, why: 'no picture by its name' }));
  const all = [...broken, ...others];
  if (all.length > 0) {
    const some = all.slice(0, 3).map(({ path, why }) => `${path}: ${why}`);
    note(
      `left out ${all.length} of ${pictures.length + others.length} files: ${some.join('; ')}${all.length > 3 ? ' ...' : ''}`,
    );
  }
  return new Set(all.map(({ path }) => path));
}
