// A folder of pictures in which each class is a folder: of its name, in the order of the names. Either the parts of the data are
// folders above those, `train` with `val` or `test` or both, as ImageNet has them, or there are no parts, and one picture in five
// is for tests, drawn class by class from a seed that is always the same: every command then means the same pictures by them.
//
//   photos/cat/1.jpg       photos/train/cat/1.jpg     imagenet/train/n01440764/n01440764_10026.JPEG
//   photos/dog/2.png       photos/test/dog/2.png      imagenet/val/n01440764/ILSVRC2012_val_00000293.JPEG
import { join } from 'node:path';
import { GenonnxError } from '../../graphs/errors.js';
import { splitIndices } from '../../src/data/split.js';
import { openStream } from '../../src/random.js';
import type { Dataset, PictureSet } from '../dataset.js';
import { type DataFolder, sha256 } from '../folder.js';
import { balancedIndices, requireLimit } from '../limit.js';
import { type KeptBudget, keepViews, mostKeptBytes } from './kept-views.js';
import { holdsPictures, type ListedPicture, type Listing, listPictures } from './listing.js';
import { openReader, type PictureReader } from './reader.js';
import { isAsListed, lookedAt } from './verdicts.js';

/** How pictures are read. */
export interface PictureOptions {
  /** The first so many training pictures, class-balanced. */
  readonly limit?: number | undefined;
  /** Whether pictures that cannot be decoded are left out; each is then looked at once. */
  readonly skipBroken?: boolean | undefined;
  /** Threads that read; 0 reads on the calling one. */
  readonly workers?: number | undefined;
  /** Told what takes long, and what was left out. */
  readonly note?: ((text: string) => void) | undefined;
}

const testShare = 0.2;

/** What the folder looks like, in words. */
export const CLASS_FOLDERS =
  'a folder of JPEG, PNG or WebP pictures for each class, or train/, val/ and test/ with such folders';

/** Whether any folder below has pictures; the first few are looked into. */
export async function holdsClassFolders({
  path,
  folders,
}: Pick<DataFolder, 'path' | 'folders'>): Promise<boolean> {
  for (const folder of [...folders].sort().slice(0, 20))
    if (await holdsPictures(join(path, folder))) return true;
  return false;
}

interface Part {
  readonly pictures: readonly ListedPicture[];
  readonly labels: Uint32Array;
}

/**
 * @throws GenonnxError `data-missing` for folders without classes or pictures, or with what is none; `usage` for an impossible
 * limit. Pictures themselves are read later.
 */
export async function readClassFolders(
  { path }: Pick<DataFolder, 'path'>,
  name: string,
  options: PictureOptions = {},
): Promise<Dataset<PictureSet>> {
  const { limit, skipBroken = false, workers, note } = options;
  if (limit !== undefined) requireLimit(limit);
  const listing = await upToDate(path, skipBroken);
  const folders = partFolders(listing);
  const classes = listing.foldersIn(folders.train);
  requireClasses(listing, folders.train, classes);
  requireKnownClasses(listing, folders);
  if (!skipBroken) requirePictures(listing, folders);
  const reader = openReader(workers, listing.forget);
  const broken = skipBroken ? await lookedAt(listing, reader, note) : new Set<string>();
  const partOf = (folder: string): Part => part(listing, folder, classes, broken);
  const parts = folders.apart ? givenParts(folders, partOf) : splitPart(partOf(''));
  const [first] = classes.filter((_, label) => !parts.train.labels.includes(label));
  if (first !== undefined) throw withoutPictures(join(path, folders.train, first));
  const budget: KeptBudget = { bytes: mostKeptBytes };
  const setOf = (of: Part): PictureSet => pictureSet(listing.root, of, reader, budget);
  return {
    name,
    classes,
    train: setOf(limit === undefined ? parts.train : limited(parts.train, limit)),
    ...(parts.validation === undefined ? {} : { validation: setOf(parts.validation) }),
    test: setOf(parts.test),
    checksums: Object.fromEntries(
      (folders.apart ? [...folders.others, folders.train] : ['']).map((folder) => [
        `${folder}/`,
        checksumOf(listing.picturesBelow(folder)),
      ]),
    ),
    ...(skipBroken ? { leftOut: broken.size } : {}),
    close: () => reader.close(),
  };
}

/** What was broken may have been mended, which its folder does not tell. */
async function upToDate(path: string, skipBroken: boolean): Promise<Listing> {
  const listing = await listPictures(path);
  if (!skipBroken || (await isAsListed(listing))) return listing;
  await listing.forget();
  return listPictures(path);
}

/** Of the list of the files and their sizes. */
function checksumOf(pictures: readonly ListedPicture[]): string {
  const lines = pictures.map(({ path, sizeBytes }) => `${path}\t${sizeBytes}\n`);
  return sha256(new TextEncoder().encode(lines.join('')));
}

interface PartFolders {
  /** Whether the folder has parts. */
  readonly apart: boolean;
  readonly train: string;
  /** `val`, `test`, as far as they are there. */
  readonly others: readonly ('val' | 'test')[];
}

/** Parts are folders of folders: a class may be called train. */
function partFolders(listing: Listing): PartFolders {
  const top = listing.foldersIn('');
  const apart =
    top.includes('train') &&
    listing.picturesIn('train').length === 0 &&
    listing.foldersIn('train').length > 0;
  const others = apart ? (['val', 'test'] as const).filter((part) => top.includes(part)) : [];
  return { apart, train: apart ? 'train' : '', others };
}

function part(
  listing: Listing,
  folder: string,
  classes: readonly string[],
  broken: ReadonlySet<string>,
): Part {
  const pictures: ListedPicture[] = [];
  const labels: number[] = [];
  classes.forEach((name, label) => {
    for (const picture of listing.picturesBelow(folder === '' ? name : `${folder}/${name}`)) {
      if (broken.has(picture.path)) continue;
      pictures.push(picture);
      labels.push(label);
    }
  });
  return { pictures, labels: Uint32Array.from(labels) };
}

interface Parts {
  readonly train: Part;
  readonly validation?: Part;
  readonly test: Part;
}

/** `val` is what is tested on where there is no `test`. */
function givenParts({ train, others }: PartFolders, partOf: (folder: string) => Part): Parts {
  if (others.length === 0) return splitPart(partOf(train));
  const [first = 'val', second] = others;
  return second === undefined
    ? { train: partOf(train), test: partOf(first) }
    : { train: partOf(train), validation: partOf(first), test: partOf(second) };
}

function splitPart(all: Part): Parts {
  const stream = openStream(1, 'test-pictures');
  const { train, validation: test } = splitIndices(
    { labels: all.labels, count: all.labels.length },
    1 - testShare,
    stream,
  );
  return { train: chosen(all, train.sort()), test: chosen(all, test.sort()) };
}

function chosen({ pictures, labels }: Part, indices: Uint32Array): Part {
  return {
    pictures: Array.from(indices, (index) => pictures[index]!),
    labels: indices.map((index) => labels[index]!),
  };
}

function limited(part: Part, limit: number): Part {
  return limit >= part.labels.length ? part : chosen(part, balancedIndices(part.labels, limit));
}

function pictureSet(
  root: string,
  { pictures, labels }: Part,
  reader: PictureReader,
  budget: KeptBudget,
): PictureSet {
  const count = pictures.length;
  return {
    labels,
    count,
    channels: 3,
    read: keepViews(
      (index, view) => {
        const picture = pictures[index];
        if (picture === undefined) throw new RangeError(`picture ${index} of ${count}`);
        return reader.view({ path: join(root, picture.path), sizeBytes: picture.sizeBytes }, view);
      },
      count,
      budget,
    ),
  };
}

/** @throws GenonnxError `data-missing` where there is nothing to tell apart. */
function requireClasses(
  { root, picturesIn, ...listing }: Listing,
  train: string,
  classes: readonly string[],
): void {
  const where = join(root, train);
  const loose = picturesIn(train);
  if (loose.length > 0) {
    throw new GenonnxError('data-missing', 'Pictures lie beside the folders of the classes.', {
      where,
      expected: CLASS_FOLDERS,
      found: `${loose.length} of no class: ${namesOf(loose.map(({ path }) => path))}`,
      cure: 'Move each into the folder of its class.',
    });
  }
  if (classes.length < 2) {
    const found = classes.length === 0 ? 'no class' : `one class, ${classes[0]}`;
    throw new GenonnxError('data-missing', 'There is nothing to tell apart.', {
      where,
      expected: 'at least two classes, each a folder of pictures',
      found,
      cure: 'Put the pictures of each class into a folder of its name.',
    });
  }
  const empty = classes.find(
    (name) => listing.picturesBelow(train === '' ? name : `${train}/${name}`).length === 0,
  );
  if (empty === undefined) return;
  throw withoutPictures(join(where, empty));
}

function withoutPictures(where: string): GenonnxError {
  return new GenonnxError('data-missing', 'A class has no pictures to learn from.', {
    where,
    expected: 'JPEG, PNG or WebP files',
    found: 'none',
    cure: 'Put some in, or remove the folder if it is no class.',
  });
}

/** @throws GenonnxError `data-missing` for files that are no pictures. */
function requirePictures({ root, othersBelow }: Listing, { train, others, apart }: PartFolders): void {
  const folders = apart ? [train, ...others] : [''];
  const strange = folders.flatMap((folder) => othersBelow(folder));
  if (strange.length === 0) return;
  throw new GenonnxError('data-missing', 'There are files among the pictures that are none.', {
    where: root,
    expected: 'files whose names end in .jpg, .jpeg, .png or .webp',
    found: `${strange.length}: ${namesOf(strange)}`,
    cure: 'Move them away, or leave them out with `skipBroken`.',
  });
}

/** @throws GenonnxError `data-missing` for parts with other classes than the training's. */
function requireKnownClasses({ root, foldersIn }: Listing, { train, others }: PartFolders): void {
  const known = new Set(foldersIn(train));
  for (const part of others) {
    const unknown = foldersIn(part).filter((name) => !known.has(name));
    if (unknown.length === 0) continue;
    throw new GenonnxError('data-missing', 'A part of the data has classes that the training part lacks.', {
      where: join(root, part),
      expected: 'folders that train/ has, too',
      found: namesOf(unknown),
      cure: 'Rename or remove them, or add training pictures of those classes.',
    });
  }
}

function namesOf(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} ...` : names.join(', ');
}
