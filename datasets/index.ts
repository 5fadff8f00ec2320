// The door to the data: a name of an embedded data set, or a folder of the user's own, in; a `Dataset` out. What a folder
// holds is found out from its files.
import { basename, resolve } from 'node:path';
import { GenonnxError } from '../graphs/errors.js';
import { holdsCifar10, readCifar10 } from './cifar10.js';
import type { Dataset } from './dataset.js';
import { type DataFolder, openFolder } from './folder.js';
import { holdsIdx, readIdxDataset } from './idx.js';
import { limitImages } from './limit.js';
import { embeddedFolder } from './package-root.js';

export type { Dataset, ImageSet } from './dataset.js';

/** The data sets that come with the package. */
export const EMBEDDED_DATASETS: readonly string[] = ['fashion-mnist'];

export interface LoadOptions {
  /** Keep only the first so many training images, class-balanced; the test set stays whole. */
  readonly limit?: number;
}

/**
 * Loads an embedded data set by name, or the idx or CIFAR-10 binary files of a folder (write `./fashion-mnist` for a
 * folder that has an embedded set's name). Files named in the folder's `checksums.json` must have their sha256.
 * Throws `data-missing`, `data-corrupt`, and `usage` for an impossible limit.
 */
export async function loadDataset(nameOrFolder: string, options: LoadOptions = {}): Promise<Dataset> {
  const dataset = EMBEDDED_DATASETS.includes(nameOrFolder)
    ? await readFolder(await openFolder(embeddedFolder(nameOrFolder)), nameOrFolder)
    : await readFolder(await openUserFolder(nameOrFolder), basename(resolve(nameOrFolder)));
  if (options.limit === undefined) return dataset;
  return { ...dataset, train: limitImages(dataset.train, options.limit) };
}

async function openUserFolder(path: string): Promise<DataFolder> {
  try {
    return await openFolder(path);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'data-missing') throw error;
    throw new GenonnxError(
      'data-missing',
      `There is no data set '${path}'.`,
      {
        ...error.details,
        expected: `${EMBEDDED_DATASETS.join(', ')}, or a folder of idx files or of the CIFAR-10 binary version`,
        cure: 'Check the spelling and the path.',
      },
      { cause: error },
    );
  }
}

function readFolder(folder: DataFolder, name: string): Promise<Dataset> {
  if (holdsIdx(folder)) return readIdxDataset(folder, name);
  if (holdsCifar10(folder)) return readCifar10(folder, name);
  throw new GenonnxError('data-missing', 'The folder holds no images in a known format.', {
    where: folder.path,
    expected:
      'idx files (train-images-idx3-ubyte.gz ...) or the CIFAR-10 binary version (data_batch_1.bin ...)',
    found: folder.files.size === 0 ? 'an empty folder' : [...folder.files].sort().slice(0, 8).join(', '),
    cure: 'Give the folder that holds the files themselves, not one above it.',
  });
}
