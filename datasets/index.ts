// The door to the data: a name of an embedded data set, or a folder of the user's own, in; a `Dataset` of images or a
// `TextCorpus` out. What a folder holds is found out from its files.
import { basename, resolve } from 'node:path';
import { GenonnxError } from '../graphs/errors.js';
import { didYouMean } from '../src/nearest-name.js';
import { holdsCifar10, readCifar10 } from './cifar10.js';
import type { Dataset } from './dataset.js';
import { type DataFolder, openFolder } from './folder.js';
import { holdsIdx, readIdxDataset } from './idx.js';
import { limitImages } from './limit.js';
import { embeddedFolder } from './package-root.js';
import { type CorpusOptions, holdsText, readCorpus, TEXT_FILES } from './text/corpus.js';
import type { TextCorpus } from './text/text-corpus.js';

export type { Dataset, ImageSet } from './dataset.js';
export type { CorpusOptions } from './text/corpus.js';
export type { TextCorpus } from './text/text-corpus.js';

/** The image data sets that come with the package. */
export const EMBEDDED_DATASETS: readonly string[] = ['fashion-mnist'];

/** The texts that come with the package. */
export const EMBEDDED_TEXTS: readonly string[] = ['sotu'];

export interface LoadOptions {
  /** Keep only the first so many training images, class-balanced; the test set stays whole. */
  readonly limit?: number;
}

export const DATA_KINDS = ['images', 'text'] as const;
/** What data is of, which decides what can be learnt from it. */
export type DataKind = (typeof DATA_KINDS)[number];

interface Form {
  readonly embedded: readonly string[];
  /** How a folder's files are called, in words. */
  readonly files: string;
  isIn(folder: DataFolder): boolean;
}

const FORMS: { readonly [K in DataKind]: Form } = {
  images: {
    embedded: EMBEDDED_DATASETS,
    files: 'idx files (train-images-idx3-ubyte.gz ...) or the CIFAR-10 binary version (data_batch_1.bin ...)',
    isIn: (folder) => holdsIdx(folder) || holdsCifar10(folder),
  },
  text: { embedded: EMBEDDED_TEXTS, files: TEXT_FILES, isIn: holdsText },
};

interface OpenedData {
  readonly folder: DataFolder;
  readonly name: string;
  readonly kind: DataKind;
}

/**
 * Loads embedded images by name, or the idx or CIFAR-10 binary files of a folder (write `./fashion-mnist` for a
 * folder that has an embedded set's name). Files named in the folder's `checksums.json` must have their sha256.
 * Throws `data-missing`, `data-corrupt`, and `usage` for an impossible limit.
 */
export async function loadDataset(nameOrFolder: string, options: LoadOptions = {}): Promise<Dataset> {
  const { folder, name } = await openData(nameOrFolder, ['images']);
  const dataset = holdsIdx(folder) ? await readIdxDataset(folder, name) : await readCifar10(folder, name);
  if (options.limit === undefined) return dataset;
  return { ...dataset, train: limitImages(dataset.train, options.limit) };
}

/**
 * Loads an embedded text by name, or the three texts of a folder, as token ids. Names and checksums as above.
 * @throws GenonnxError `data-missing`, `data-corrupt`, `unknown-word`, `usage`, as `readCorpus`.
 */
export async function loadCorpus(nameOrFolder: string, options: CorpusOptions = {}): Promise<TextCorpus> {
  const { folder, name } = await openData(nameOrFolder, ['text']);
  return readCorpus(folder, name, options);
}

/**
 * What the data of this name, or in this folder, is of; only the names of the files are read. Images go before text:
 * their files are called like no others, whereas a `train.txt` beside them may list anything.
 * @throws GenonnxError `data-missing`.
 */
export async function kindOfData(nameOrFolder: string): Promise<DataKind> {
  return (await openData(nameOrFolder, DATA_KINDS)).kind;
}

/** Opens data of one of these kinds, the first that it is of. @throws GenonnxError `data-missing`, `data-corrupt`. */
async function openData(nameOrFolder: string, wanted: readonly DataKind[]): Promise<OpenedData> {
  const isEmbedded = DATA_KINDS.some((kind) => FORMS[kind].embedded.includes(nameOrFolder));
  const folder = isEmbedded
    ? await openFolder(embeddedFolder(nameOrFolder))
    : await openUserFolder(nameOrFolder, wanted);
  const kind = wanted.find((candidate) => FORMS[candidate].isIn(folder));
  if (kind !== undefined)
    return { folder, name: isEmbedded ? nameOrFolder : basename(resolve(nameOrFolder)), kind };
  const other = DATA_KINDS.find((candidate) => FORMS[candidate].isIn(folder));
  const expected = wanted.map((candidate) => `${candidate}: ${FORMS[candidate].files}`).join('\n');
  const found = folder.files.size === 0 ? 'an empty folder' : [...folder.files].sort().slice(0, 8).join(', ');
  if (other === undefined) {
    throw new GenonnxError('data-missing', `The folder holds no ${wanted.join(' or ')} in a known format.`, {
      where: folder.path,
      expected,
      found,
      cure: 'Give the folder that holds the files themselves, not one above it.',
    });
  }
  throw new GenonnxError('data-missing', `The data is of another kind: ${other}.`, {
    where: folder.path,
    expected,
    found: `${other}: ${found}`,
    cure: `Give data of the other kind, or do with this what can be done with ${other}.`,
  });
}

async function openUserFolder(path: string, wanted: readonly DataKind[]): Promise<DataFolder> {
  try {
    return await openFolder(path);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'data-missing') throw error;
    throw new GenonnxError(
      'data-missing',
      `There is no data set '${path}'.`,
      {
        ...error.details,
        expected: wanted.map(namesOf).join('\n'),
        cure: didYouMean(
          path,
          wanted.flatMap((kind) => FORMS[kind].embedded),
          'Check the spelling and the path.',
        ),
      },
      { cause: error },
    );
  }
}

function namesOf(kind: DataKind): string {
  const { embedded, files } = FORMS[kind];
  return `${embedded.join(', ')}, or a folder of ${files}`;
}
