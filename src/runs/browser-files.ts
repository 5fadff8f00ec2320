// The files of a run in a browser's own storage (the origin private file system), which stays when a tab is closed, and which no
// other site sees. A lock of the browser's keeps other tabs out; it is gone with the tab that holds it, however that ends.
//
// A new file is written under a temporary name and renamed once it is whole; one that exists is replaced by the browser, which
// writes into a copy until it is closed. So a tab that is killed leaves the old content or the new.
import { GenonnxError } from '../errors.js';
import type { FileContent, Lock, NamedFiles } from './named-files.js';
import { isTemporary, temporaryNameOf } from './temporary-names.js';

/** What is needed of a `FileSystemDirectoryHandle`. */
export interface StorageFolder {
  keys(): AsyncIterable<string>;
  getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<StorageFolder>;
  getFileHandle(name: string, options?: { create?: boolean }): Promise<StorageFile>;
  removeEntry(name: string, options?: { recursive?: boolean }): Promise<void>;
}

/** What is needed of a `FileSystemFileHandle`. */
export interface StorageFile {
  getFile(): Promise<{ readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }>;
  createWritable(options?: { keepExistingData?: boolean }): Promise<StorageWriter>;
  /** Every browser has it, though its type is in no standard yet. */
  move?(name: string): Promise<void>;
}

/** What is needed of a `FileSystemWritableFileStream`. */
export interface StorageWriter {
  write(data: string | Uint8Array<ArrayBuffer>): Promise<void>;
  seek(position: number): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** What is needed of `navigator.locks`. */
export interface LockKeeper {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    held: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/**
 * Browsers refuse to read on in a file that was replaced since it was opened: it is opened again then, which finds the new
 * content. More often than this, nobody replaces one while it is read.
 */
const mostReads = 10;

/** Where the files lie: in a folder of the storage, by its names from the top. */
export interface BrowserPlace {
  readonly root: StorageFolder;
  readonly path: readonly string[];
  readonly locks: LockKeeper;
}

/** The files of a run in the storage of a browser; writes them whole or not at all, and lets one tab in at a time. */
export class BrowserFiles implements NamedFiles {
  constructor(private readonly place: BrowserPlace) {}

  where(name: string): string {
    return [...this.place.path, name].join('/');
  }

  async list(folder: string): Promise<string[]> {
    return (await this.everythingIn(folder)).filter((name) => !isTemporary(name));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    for (let left = mostReads; ; left--) {
      const file = await this.find(name);
      if (file === undefined) return undefined;
      try {
        return new Uint8Array(await (await file.getFile()).arrayBuffer());
      } catch (error) {
        if (left === 1 || !wasReplaced(error)) throw unreadable(error, this.where(name));
      }
    }
  }

  async write(name: string, content: FileContent): Promise<void> {
    await this.writing(name, async () => {
      const { folder, file } = await this.placeOf(name, { create: true });
      const existing = await found(folder.getFileHandle(file));
      if (existing !== undefined) return change(existing, false, (writer) => writeAll(writer, content));
      const temporary = temporaryNameOf(file);
      try {
        const draft = await folder.getFileHandle(temporary, { create: true });
        await change(draft, false, (writer) => writeAll(writer, content));
        if (draft.move === undefined) throw new Error('this browser cannot rename files');
        await draft.move(file);
      } catch (error) {
        await found(folder.removeEntry(temporary));
        throw error;
      }
    });
  }

  async append(name: string, bytes: Uint8Array): Promise<void> {
    const file = await this.find(name);
    if (file === undefined) return this.write(name, bytes);
    await this.writing(name, async () => {
      const { size } = await file.getFile();
      await change(file, true, async (writer) => {
        await writer.seek(size);
        await writer.write(owned(bytes));
      });
    });
  }

  async truncate(name: string, length: number): Promise<void> {
    await this.writing(name, async () => {
      const { folder, file } = await this.placeOf(name);
      await change(await folder.getFileHandle(file), true, (writer) => writer.truncate(length));
    });
  }

  async remove(name: string): Promise<void> {
    const place = await found(this.placeOf(name));
    if (place !== undefined) await found(place.folder.removeEntry(place.file));
  }

  async sweep(folder: string): Promise<void> {
    const left = (await this.everythingIn(folder)).filter((name) => isTemporary(name));
    for (const name of left) await this.remove(folder === '' ? name : `${folder}/${name}`);
  }

  async lock(): Promise<Lock> {
    const { locks } = this.place;
    const where = this.where('');
    let giveBack = () => {};
    let isHeld = false;
    let answered = () => {};
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    // The browser holds the lock for as long as the promise of the callback is open.
    const over = locks.request(`genonnx ${where}`, { ifAvailable: true }, (lock) => {
      isHeld = lock !== null;
      const held = new Promise<void>((resolve) => {
        giveBack = resolve;
      });
      answered();
      return isHeld ? held : undefined;
    });
    // Where it cannot even be asked for, nobody answers.
    await Promise.race([answer, over]);
    if (!isHeld) throw locked(where);
    return {
      // Nobody can take it away.
      requireHeld() {},
      release: async () => {
        giveBack();
        await over;
      },
    };
  }

  private async find(name: string): Promise<StorageFile | undefined> {
    const place = await found(this.placeOf(name));
    return place === undefined ? undefined : found(place.folder.getFileHandle(place.file));
  }

  private async placeOf(
    name: string,
    options: { readonly create?: boolean } = {},
  ): Promise<{ readonly folder: StorageFolder; readonly file: string }> {
    const parts = [...this.place.path, ...name.split('/')];
    const file = parts.pop() ?? '';
    return { folder: await folderAt(this.place.root, parts, options), file };
  }

  private async everythingIn(folder: string): Promise<string[]> {
    const parts = [...this.place.path, ...(folder === '' ? [] : folder.split('/'))];
    const handle = await found(folderAt(this.place.root, parts));
    const names: string[] = [];
    if (handle !== undefined) for await (const name of handle.keys()) names.push(name);
    return names;
  }

  private async writing(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw unwritable(error, this.where(name));
    }
  }
}

async function folderAt(
  root: StorageFolder,
  path: readonly string[],
  options: { readonly create?: boolean } = {},
): Promise<StorageFolder> {
  let folder = root;
  for (const name of path) folder = await folder.getDirectoryHandle(name, { ...options });
  return folder;
}

/** Changes a file, whole or not at all. */
async function change(
  file: StorageFile,
  keepExistingData: boolean,
  work: (writer: StorageWriter) => Promise<void>,
): Promise<void> {
  const writer = await file.createWritable({ keepExistingData });
  try {
    await work(writer);
  } catch (error) {
    await writer.abort().catch(() => {});
    throw error;
  }
  await writer.close();
}

async function writeAll(writer: StorageWriter, content: FileContent): Promise<void> {
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  for (const piece of pieces) await writer.write(typeof piece === 'string' ? piece : owned(piece));
}

/** The bytes in a buffer that no thread shares: writers take no others. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Uint8Array.from(bytes);
}

/** Undefined where there is no such entry. */
async function found<T>(entry: Promise<T>): Promise<T | undefined> {
  try {
    return await entry;
  } catch (error) {
    if (nameOf(error) === 'NotFoundError') return undefined;
    throw error;
  }
}

function wasReplaced(error: unknown): boolean {
  return ['NotFoundError', 'NotReadableError'].includes(nameOf(error) ?? '');
}

/** What browsers call their errors. */
function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unwritable(error: unknown, where: string): GenonnxError {
  const isFull = nameOf(error) === 'QuotaExceededError';
  return new GenonnxError(
    'output-unwritable',
    "A file cannot be written into the browser's storage.",
    {
      where,
      found: isFull ? 'no space left that the browser gives this site' : messageOf(error),
      cure: isFull
        ? 'Download runs and remove them here, or free space on the device.'
        : 'Use a current browser, outside of a private window.',
    },
    { cause: error },
  );
}

function unreadable(error: unknown, where: string): GenonnxError {
  return new GenonnxError(
    'file-missing',
    "A file in the browser's storage cannot be read.",
    { where, found: messageOf(error), cure: 'Load the page again.' },
    { cause: error },
  );
}

function locked(where: string): GenonnxError {
  return new GenonnxError('run-locked', 'Another tab is working in this run.', {
    where,
    expected: 'no other tab',
    found: 'one that has it open',
    cure: 'Close that tab, or wait for it.',
  });
}
