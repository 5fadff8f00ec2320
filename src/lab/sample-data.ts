// The embedded images as a site brings them: the same files as in the package, with their checksums, so that a run that is made
// of them here goes on there.
import type { Dataset } from '../../datasets/dataset.js';
import { readIdxDataset } from '../../datasets/idx.js';
import { GenonnxError } from '../errors.js';
import { sha256Hex } from '../hash.js';
import { EMBEDDED_DATA } from '../tasks/classification/presets.js';

/** The files in the package's folder of the data. */
export const sampleFiles: readonly string[] = [
  'classes.txt',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
];

/** Where a site has one of them: not under a name by which servers would say that it is compressed, and browsers unpack it. */
export function samplePath(file: string): string {
  return `data/${file}.bin`;
}

/** The bytes at a path of the site. @throws GenonnxError `data-missing`. */
export type FetchFile = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** @throws GenonnxError `data-missing`, `data-corrupt`. */
export async function readSample(fetchFile: FetchFile): Promise<Dataset> {
  const checksums: Record<string, string> = {};
  const where = (file: string): string => samplePath(file);
  return readIdxDataset(
    {
      path: 'data',
      where,
      files: new Set(sampleFiles),
      checksums,
      async read(file) {
        const bytes = await fetchFile(samplePath(file));
        checksums[file] = sha256Hex(bytes);
        return file.endsWith('.gz') ? await unpacked(bytes, where(file)) : bytes;
      },
    },
    EMBEDDED_DATA,
  );
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>, where: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new GenonnxError(
      'data-corrupt',
      'A file of the site cannot be unpacked.',
      {
        where,
        expected: 'a whole gzip file',
        found: cause instanceof Error ? cause.message : String(cause),
        cure: 'Copy the site again, whole.',
      },
      { cause },
    );
  }
}
