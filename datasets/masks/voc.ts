// The folder of PASCAL VOC 2012, `VOCdevkit/VOC2012`, as trainings of segmentation read it: JPEG pictures, PNG masks whose bytes are
// indices of classes, and the lists of which picture is for what. Learnt from is `trainaug` where its list and its masks are there,
// else `train`; tested on is `val`.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { GenonnxError } from '../../graphs/errors.js';
import type { Normalisation } from '../../src/data/normalise.js';
import type { Size } from '../../src/data/resize.js';
import { type DataFolder, sha256 } from '../folder.js';
import { type Listing, listPictures } from '../pictures/listing.js';
import type { PictureReader } from '../pictures/reader.js';
import type { MaskedData, MaskedSet } from './masked-data.js';
import { NO_CLASS, paletteOf } from './palette.js';
import { VOC_CLASSES } from './voc-classes.js';
import { parseVocList, type VocPair, vocFolders } from './voc-lists.js';

/** Of ImageNet, whose networks the backbones are. */
const normalisation: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  standardDeviation: [0.229, 0.224, 0.225],
};

/** In words, for whoever asks what a folder should hold. */
export const VOC_FILES = `PASCAL VOC (${vocFolders.pictures}, ${vocFolders.masks} and ${vocFolders.lists})`;

/** Whether this is the folder, by the names in it. */
export function holdsVoc({ folders }: Pick<DataFolder, 'folders'>): boolean {
  return folders.has(vocFolders.pictures) && folders.has(vocFolders.masks);
}

/**
 * Only lists, the names of files and the headers of masks are read before a picture is asked for. `limit` takes the first so many
 * training pictures.
 * @throws GenonnxError `data-missing` for a list, a picture or a mask that is not there; `data-corrupt` for an empty list; `usage`.
 */
export async function readVoc(
  folder: DataFolder,
  name: string,
  reader: PictureReader,
  limit?: number,
): Promise<MaskedData> {
  const listing = await listPictures(folder.path);
  const sizes = new Map(listing.picturesBelow('').map(({ path, sizeBytes }) => [path, sizeBytes]));
  const source = { folder, reader, sizes };
  const list = await trainingList(folder, listing);
  const all = await pairsIn(source, list);
  const train = limit === undefined ? all : all.slice(0, limit);
  const test = await pairsIn(source, 'val');
  return {
    name,
    classes: VOC_CLASSES,
    palette: paletteOf(VOC_CLASSES.length),
    channels: 3,
    normalisation,
    trainingSet: `${list}, ${train.length} images`,
    train: await setOf(source, train),
    test: await setOf(source, test),
    checksums: { ...folder.checksums, 'names and sizes': checksumOf([...all, ...test], sizes) },
  };
}

interface Source {
  readonly folder: DataFolder;
  readonly reader: PictureReader;
  /** Of every picture in the folder, in bytes, by its path. */
  readonly sizes: ReadonlyMap<string, number>;
}

type ListName = 'train' | 'trainaug' | 'val';

async function trainingList(folder: DataFolder, listing: Listing): Promise<ListName> {
  const hasList = listing.othersBelow(vocFolders.lists).some((path) => path.endsWith('/trainaug.txt'));
  return hasList && folder.folders.has(vocFolders.augmented) ? 'trainaug' : 'train';
}

async function pairsIn({ folder, sizes }: Source, list: ListName): Promise<VocPair[]> {
  const file = `${vocFolders.lists}/${list}.txt`;
  const text = new TextDecoder().decode(await folder.read(file));
  const masks = list === 'trainaug' ? vocFolders.augmented : vocFolders.masks;
  const pairs = parseVocList(text, masks, join(folder.path, file));
  for (const { picture, mask } of pairs) {
    const [what, missing] = sizes.has(picture) ? ['mask', mask] : ['picture', picture];
    if (sizes.has(missing)) continue;
    throw new GenonnxError('data-missing', `A ${what} of the list is missing.`, {
      where: join(folder.path, missing),
      expected: `a file, as ${file} says`,
      found: 'no such file',
      cure: 'Put the file there, or take its line out of the list.',
    });
  }
  return pairs;
}

async function setOf(source: Source, pairs: readonly VocPair[]): Promise<MaskedSet> {
  const { folder, reader, sizes } = source;
  const fileOf = (path: string) => {
    const sizeBytes = sizes.get(path);
    return { path: join(folder.path, path), ...(sizeBytes === undefined ? {} : { sizeBytes }) };
  };
  return {
    count: pairs.length,
    largest: await largestOf(pairs.map(({ mask }) => join(folder.path, mask))),
    async read(index) {
      const pair = pairs[index];
      if (pair === undefined) throw new RangeError(`picture ${index} of ${pairs.length}`);
      const [picture, mask] = await Promise.all([
        reader.picture(fileOf(pair.picture)),
        reader.mask(fileOf(pair.mask)),
      ]);
      const where = join(folder.path, pair.mask);
      requireSameExtent(picture, mask, where);
      requireClasses(mask.data, where);
      return { picture, mask };
    },
  };
}

function requireSameExtent(picture: Size, mask: Size, where: string): void {
  if (picture.height === mask.height && picture.width === mask.width) return;
  throw new GenonnxError('data-corrupt', 'A mask has another extent than its picture.', {
    where,
    expected: `${picture.height}x${picture.width}`,
    found: `${mask.height}x${mask.width}`,
    cure: 'Put the mask of this very picture there.',
  });
}

function requireClasses(mask: Uint8Array, where: string): void {
  const stray = mask.find((label) => label >= VOC_CLASSES.length && label !== NO_CLASS);
  if (stray === undefined) return;
  throw new GenonnxError('data-corrupt', 'A mask has an index that is no class.', {
    where,
    expected: `0 to ${VOC_CLASSES.length - 1}, or ${NO_CLASS} for pixels without a class`,
    found: String(stray),
    cure: 'Put the mask of VOC there: the indices that the file stores are the classes, and not its colours.',
  });
}

/** Of the extents that the headers of PNG files say; what is none is noticed when it is read. */
async function largestOf(paths: readonly string[]): Promise<Size> {
  let largest = { height: 1, width: 1 };
  // Few at a time: each holds a thread of Node's pool.
  for (let at = 0; at < paths.length; at += 64) {
    for (const { height, width } of await Promise.all(paths.slice(at, at + 64).map(extentOf)))
      largest = { height: Math.max(largest.height, height), width: Math.max(largest.width, width) };
  }
  return largest;
}

/** Eight bytes of a signature, eight of the first chunk's length and name, then width and height, big-endian. */
async function extentOf(path: string): Promise<Size> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(24);
    await file.read(bytes, 0, bytes.length, 0);
    const view = new DataView(bytes.buffer);
    const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(12) === 0x49484452;
    return isPng ? { width: view.getUint32(16), height: view.getUint32(20) } : { height: 1, width: 1 };
  } finally {
    await file.close();
  }
}

function checksumOf(pairs: readonly VocPair[], sizes: ReadonlyMap<string, number>): string {
  const lines = pairs.flatMap(({ picture, mask }) =>
    [picture, mask].map((path) => `${sizes.get(path)} ${path}\n`),
  );
  return sha256(new TextEncoder().encode(lines.join('')));
}
