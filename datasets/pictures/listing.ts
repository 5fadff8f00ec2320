// The pictures below a folder, found by the names of their files. Reading a million of them to see whether they are still the same
// would take hours, so what is kept in the user's cache folder is, of each folder, when it last changed and which files of which
// sizes it holds; the next start asks the folders alone. A file whose size is not as listed is noticed when it is read.
import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { GenonnxError } from '../../graphs/errors.js';
import { writeFileAtomic } from '../../src/runs/atomic.js';
import { userCacheFolder } from '../../src/user-cache.js';
import { sha256 } from '../folder.js';

/** A file's name, its size in bytes, and, where somebody has looked at it, '' or why it cannot be decoded. */
const fileSchema = z.tuple([z.string(), z.number()], z.string());
const folderSchema = z.object({
  changedMs: z.number(),
  listedMs: z.number(),
  folders: z.array(z.string()),
  files: z.array(fileSchema),
});
/** By its path below the root, with slashes; the root's own is ''. */
const foldersSchema = z.record(z.string(), folderSchema);

type ListedFile = z.infer<typeof fileSchema>;
type ListedFolder = z.infer<typeof folderSchema>;
type Folders = z.infer<typeof foldersSchema>;

export interface ListedPicture {
  /** Below the root, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Undefined where nobody has looked, '' for a picture that can be decoded, else why it cannot. */
  readonly verdict: string | undefined;
}

export interface Listing {
  readonly root: string;
  /** Names of the folders in a folder, sorted by code units. */
  foldersIn(path: string): readonly string[];
  /** Files in a folder and below it that are no pictures by their names. */
  othersBelow(path: string): readonly string[];
  /** Pictures in a folder and below it, sorted by their paths. */
  picturesBelow(path: string): readonly ListedPicture[];
  /** Pictures in a folder itself. */
  picturesIn(path: string): readonly ListedPicture[];
  /** Keeps what was seen of pictures, by their paths, '' or why one cannot be decoded. */
  keepVerdicts(verdicts: ReadonlyMap<string, string>): Promise<void>;
  /** The next start lists the folder anew: something in it is not as it was, and its folder did not tell. */
  forget(): Promise<void>;
}

const pictureName = /\.(jpe?g|png|webp)$/i;
/** What file managers leave behind. */
const clutter = /^(\.|Thumbs\.db$|desktop\.ini$)/i;
/** Deeper folders are links to themselves. */
const mostDepth = 16;
/** A folder may change again within its clock's tick: what was listed so soon after a change is listed again. */
const settleMs = 2000;

/**
 * Lists a folder that is there, and keeps the listing; a cache that cannot be read or written is no error.
 * @throws GenonnxError `data-missing` for folders that cannot be read.
 */
export async function listPictures(root: string, cacheFolder: string = userCacheFolder()): Promise<Listing> {
  const file = await cacheFile(root, cacheFolder);
  const kept = await readKept(file);
  const folders: Folders = {};
  const isNew = await walk(root, '', kept, folders, 0);
  if (isNew || Object.keys(kept).length !== Object.keys(folders).length) await keep(file, folders);
  return listingOf(root, folders, file);
}

/** Whether there are pictures in a folder, or in the first few below it. */
export async function holdsPictures(path: string, depth = 0): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => !entry.isDirectory() && pictureName.test(entry.name))) return true;
  if (depth === 3) return false;
  const folders = entries.filter((entry) => entry.isDirectory() && !clutter.test(entry.name));
  for (const { name } of folders.slice(0, 20))
    if (await holdsPictures(join(path, name), depth + 1)) return true;
  return false;
}

/** @returns whether anything below `path` is not as it was kept. */
async function walk(
  root: string,
  path: string,
  kept: Folders,
  found: Folders,
  depth: number,
): Promise<boolean> {
  if (depth > mostDepth) {
    throw new GenonnxError('data-missing', 'The folders of pictures are too deep.', {
      where: join(root, path),
      expected: `at most ${mostDepth} folders in each other`,
      found: 'more: a link to itself?',
      cure: 'Remove the link.',
    });
  }
  const before = kept[path];
  const changedMs = await changedAt(join(root, path));
  const isKept =
    before !== undefined && before.changedMs === changedMs && changedMs < before.listedMs - settleMs;
  const folder = isKept ? before : await list(root, path, changedMs, before);
  found[path] = folder;
  let isNew = !isKept;
  for (const name of folder.folders) {
    const below = path === '' ? name : `${path}/${name}`;
    if (await walk(root, below, kept, found, depth + 1)) isNew = true;
  }
  return isNew;
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    throw unlistable(path, error);
  }
}

async function list(
  root: string,
  path: string,
  changedMs: number,
  before: ListedFolder | undefined,
): Promise<ListedFolder> {
  const where = join(root, path);
  const listedMs = Date.now();
  const verdicts = new Map(before?.files.map(([name, size, ...verdict]) => [`${size} ${name}`, verdict]));
  const folders: string[] = [];
  const files: ListedFile[] = [];
  try {
    const entries = (await readdir(where, { withFileTypes: true })).filter(({ name }) => !clutter.test(name));
    // Few at a time: each holds a thread of Node's pool.
    for (let at = 0; at < entries.length; at += 64) {
      await Promise.all(
        entries.slice(at, at + 64).map(async (entry) => {
          if (entry.isDirectory()) {
            folders.push(entry.name);
            return;
          }
          const target = await stat(join(where, entry.name));
          if (target.isDirectory()) folders.push(entry.name);
          else files.push([entry.name, target.size, ...(verdicts.get(`${target.size} ${entry.name}`) ?? [])]);
        }),
      );
    }
  } catch (error) {
    throw unlistable(where, error);
  }
  return { changedMs, listedMs, folders: folders.sort(), files: files.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function unlistable(where: string, error: unknown): GenonnxError {
  return new GenonnxError(
    'data-missing',
    'A folder of pictures cannot be read.',
    {
      where,
      found: error instanceof Error ? error.message : String(error),
      cure: 'Check its permissions, and links that lead nowhere.',
    },
    { cause: error },
  );
}

function listingOf(root: string, folders: Folders, file: string): Listing {
  const at = (path: string): ListedFolder | undefined => folders[path];
  const inside = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
  const picturesIn = (path: string): ListedPicture[] =>
    (at(path)?.files ?? []).flatMap(([name, sizeBytes, verdict]) =>
      pictureName.test(name) ? [{ path: inside(path, name), sizeBytes, verdict }] : [],
    );
  const picturesBelow = (path: string): ListedPicture[] => [
    ...picturesIn(path),
    ...(at(path)?.folders ?? []).flatMap((name) => picturesBelow(inside(path, name))),
  ];
  const othersBelow = (path: string): string[] => [
    ...(at(path)?.files ?? []).flatMap(([name]) => (pictureName.test(name) ? [] : [inside(path, name)])),
    ...(at(path)?.folders ?? []).flatMap((name) => othersBelow(inside(path, name))),
  ];
  return {
    root,
    foldersIn: (path) => at(path)?.folders ?? [],
    othersBelow,
    picturesIn,
    picturesBelow: (path) => picturesBelow(path).sort((a, b) => (a.path < b.path ? -1 : 1)),
    async keepVerdicts(verdicts) {
      for (const [path, folder] of Object.entries(folders))
        folder.files = folder.files.map(([name, size, verdict]) => {
          const known = verdicts.get(inside(path, name)) ?? verdict;
          return known === undefined ? [name, size] : [name, size, known];
        });
      await keep(file, folders);
    },
    async forget() {
      // Verdicts on names and sizes hold on.
      for (const folder of Object.values(folders)) folder.listedMs = 0;
      await keep(file, folders);
    },
  };
}

function checksumOf(text: string): string {
  return sha256(new TextEncoder().encode(text));
}

async function cacheFile(root: string, cacheFolder: string): Promise<string> {
  const real = await realpath(root).catch(() => root);
  return join(cacheFolder, `pictures-${checksumOf(real).slice(0, 16)}.json`);
}

/** The checksum goes before the folders: a file that was cut off, or written by hand, is as good as none. */
async function readKept(file: string): Promise<Folders> {
  try {
    const text = await readFile(file, 'utf8');
    const end = text.indexOf('\n');
    if (text.slice(0, end) !== checksumOf(text.slice(end + 1))) return {};
    return foldersSchema.parse(JSON.parse(text.slice(end + 1)));
  } catch {
    return {};
  }
}

async function keep(file: string, folders: Folders): Promise<void> {
  try {
    const text = JSON.stringify(folders);
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomic(file, `${checksumOf(text)}\n${text}`);
  } catch {
    // The next start lists again.
  }
}
