// The door to the data: a name of an embedded data set, or a folder of the user's own, in; a `Dataset` of images or a
// `TextCorpus` out. What a folder holds is found out from the names of its files.
import { basename, resolve } from 'node:path';
import { GenonnxError } from '../graphs/errors.js';
import type { PictureView } from '../src/data/pictures/views.js';
import { didYouMean } from '../src/nearest-name.js';
import { holdsCifar10, readCifar10 } from './cifar10.js';
import { holdsCifar100, readCifar100 } from './cifar100.js';
import type { AnyImages, Dataset } from './dataset.js';
import { type DataFolder, openFolder } from './folder.js';
import { holdsIdx, readIdxDataset } from './idx.js';
import { limitImages } from './limit.js';
import type { MaskedData } from './masks/masked-data.js';
import { SCENE_THINGS, SCENES, sceneData } from './masks/scene-data.js';
import { holdsVoc, readVoc, VOC_FILES } from './masks/voc.js';
import { embeddedFolder } from './package-root.js';
import {
  CLASS_FOLDERS,
  holdsClassFolders,
  type PictureOptions,
  readClassFolders,
} from './pictures/class-folders.js';
import { inMemory } from './pictures/in-memory.js';
import { openReader } from './pictures/reader.js';
import { type CorpusOptions, type Half, holdsText, readCorpus, TEXT_FILES } from './text/corpus.js';
import type { TextCorpus } from './text/text-corpus.js';

export { type AnyImages, areRead, type Dataset, type ImageSet, type PictureSet } from './dataset.js';
export type { MaskedData, MaskedPicture, MaskedSet } from './masks/masked-data.js';
export type { PictureOptions } from './pictures/class-folders.js';
export type { CorpusOptions } from './text/corpus.js';
export type { TextCorpus } from './text/text-corpus.js';

const SOTU = 'sotu';
/** Parts of the embedded text that stand for texts of their own: its addresses are in the order of their years. */
const SOTU_HALVES = { 'sotu-early': 'first', 'sotu-late': 'second' } as const satisfies Record<string, Half>;

/** The image data sets that come with the package. */
export const EMBEDDED_DATASETS: readonly string[] = ['fashion-mnist'];

/** The pictures with masks that come with the package: they are composed of embedded images. */
export const EMBEDDED_MASKS: readonly string[] = [SCENES];

/** The texts that come with the package. */
export const EMBEDDED_TEXTS: readonly string[] = [SOTU, ...Object.keys(SOTU_HALVES)];

export interface LoadOptions {
  /** Keep only the first so many training images, class-balanced; the test set stays whole. */
  readonly limit?: number;
  /** What is seen of pictures that are read from files, which have no common size of their own; others take no notice. */
  readonly view?: PictureView;
  /** Threads that read pictures; 0 reads on the calling one. */
  readonly workers?: number;
}

/** Where pictures in folders could be anything, masks beside them say what they are. */
export const DATA_KINDS = ['masks', 'images', 'text'] as const;
/** What data is of, which decides what can be learnt from it. */
export type DataKind = (typeof DATA_KINDS)[number];

interface Form {
  readonly embedded: readonly string[];
  /** How a folder's files are called, in words. */
  readonly files: string;
  isIn(folder: DataFolder): boolean | Promise<boolean>;
}

const FORMS: { readonly [K in DataKind]: Form } = {
  masks: { embedded: EMBEDDED_MASKS, files: VOC_FILES, isIn: holdsVoc },
  images: {
    embedded: EMBEDDED_DATASETS,
    files: `idx files (train-images-idx3-ubyte.gz ...), the binary version of CIFAR-10 (data_batch_1.bin ...) or CIFAR-100 (train.bin, test.bin), or ${CLASS_FOLDERS}`,
    isIn: (folder) => isWhole(folder) || holdsClassFolders(folder),
  },
  text: { embedded: EMBEDDED_TEXTS, files: TEXT_FILES, isIn: holdsText },
};

/** Whether there are files of many images each. */
function isWhole(folder: DataFolder): boolean {
  return holdsIdx(folder) || holdsCifar10(folder) || holdsCifar100(folder);
}

interface OpenedData {
  readonly folder: DataFolder;
  readonly name: string;
  readonly kind: DataKind;
}

/**
 * Loads embedded images by name, or those of a folder, into memory (write `./fashion-mnist` for a folder that has an embedded
 * set's name): idx files, the binary versions of CIFAR-10 and CIFAR-100, or pictures in a folder for each class, which need a
 * `view`. Files named in the folder's `checksums.json` must have their sha256.
 * Throws `data-missing`, `data-corrupt`, `memory`, and `usage` for an impossible limit.
 */
export async function loadDataset(nameOrFolder: string, options: LoadOptions = {}): Promise<Dataset> {
  return inMemory(await openImages(nameOrFolder, options), options.view);
}

/**
 * Opens images as above, but reads pictures only while they are used.
 * @throws GenonnxError `data-missing`, `data-corrupt`, and `usage` for an impossible limit.
 */
export async function openImages(
  nameOrFolder: string,
  options: PictureOptions = {},
): Promise<Dataset<AnyImages>> {
  const { folder, name } = await openData(nameOrFolder, ['images']);
  if (!isWhole(folder)) return readClassFolders(folder, name, options);
  const dataset = await readWhole(folder, name);
  if (options.limit === undefined) return dataset;
  return { ...dataset, train: limitImages(dataset.train, options.limit) };
}

function readWhole(folder: DataFolder, name: string): Promise<Dataset> {
  if (holdsIdx(folder)) return readIdxDataset(folder, name);
  return holdsCifar10(folder) ? readCifar10(folder, name) : readCifar100(folder, name);
}

/** How much of pictures with masks is used, and how many threads read them. */
export interface MaskedOptions {
  /** The first so many training pictures. */
  readonly limit?: number | undefined;
  /** 0 reads on the calling thread. */
  readonly workers?: number | undefined;
}

/**
 * Opens the embedded scenes, or a folder of PASCAL VOC, whose pictures are read while they are used; whoever opens it closes it.
 * @throws GenonnxError `data-missing`, `data-corrupt`, and `usage` for an impossible limit.
 */
export async function openMasked(
  nameOrFolder: string,
  { limit, workers }: MaskedOptions = {},
): Promise<MaskedData> {
  if (nameOrFolder === SCENES) return sceneData(await loadDataset(SCENE_THINGS), limit);
  const { folder, name } = await openData(nameOrFolder, ['masks']);
  const reader = openReader(workers);
  try {
    return { ...(await readVoc(folder, name, reader, limit)), close: reader.close };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/**
 * Loads an embedded text by name, or the three texts of a folder, as token ids. Names and checksums as above.
 * @throws GenonnxError `data-missing`, `data-corrupt`, `unknown-word`, `usage`, as `readCorpus`.
 */
export async function loadCorpus(nameOrFolder: string, options: CorpusOptions = {}): Promise<TextCorpus> {
  const { folder, name } = await openData(nameOrFolder, ['text']);
  const half = halfOf(nameOrFolder);
  return readCorpus(folder, name, half === undefined ? options : { ...options, half });
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
  const embedded = DATA_KINDS.find((kind) => FORMS[kind].embedded.includes(nameOrFolder));
  const folder =
    embedded === undefined
      ? await openUserFolder(nameOrFolder, wanted)
      : await openFolder(embeddedFolder(folderOf(nameOrFolder)));
  const other = embedded ?? (await firstIn(folder, wanted)) ?? (await firstIn(folder, DATA_KINDS));
  const kind = wanted.find((candidate) => candidate === other);
  if (kind !== undefined)
    return { folder, name: embedded === undefined ? basename(resolve(nameOrFolder)) : nameOrFolder, kind };
  const expected = wanted.map((candidate) => `${candidate}: ${FORMS[candidate].files}`).join('\n');
  const names = [...[...folder.folders].map((one) => `${one}/`), ...folder.files].sort();
  const found = names.length === 0 ? 'an empty folder' : names.slice(0, 8).join(', ');
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

/** Where an embedded set's files are. */
function folderOf(embedded: string): string {
  if (embedded === SCENES) return SCENE_THINGS;
  return halfOf(embedded) === undefined ? embedded : SOTU;
}

function halfOf(name: string): Half | undefined {
  return name === 'sotu-early' || name === 'sotu-late' ? SOTU_HALVES[name] : undefined;
}

/** The first of these kinds that the folder is of. */
async function firstIn(folder: DataFolder, kinds: readonly DataKind[]): Promise<DataKind | undefined> {
  for (const kind of kinds) if (await FORMS[kind].isIn(folder)) return kind;
  return undefined;
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
